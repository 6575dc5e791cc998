-- NO TRANSACTION
-- So that people can be added while the index is made.

-- UP
CREATE INDEX CONCURRENTLY IF NOT EXISTS migrations_people_by_name ON migrations_people (name);

-- DOWN
DROP INDEX CONCURRENTLY IF EXISTS migrations_people_by_name;
