-- People.

-- UP
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
INSERT INTO users VALUES (1, 'Ada; -- of Lovelace');

-- DOWN
DROP TABLE users;
