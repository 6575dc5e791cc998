-- NO TRANSACTION
-- UP
SET lock_timeout = '20s';
CREATE INDEX CONCURRENTLY posts_title ON posts (title);

-- DOWN
DROP INDEX CONCURRENTLY posts_title;
