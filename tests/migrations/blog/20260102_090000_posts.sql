-- UP
CREATE TABLE posts (id bigint PRIMARY KEY, author_id bigint NOT NULL REFERENCES users, title text);

CREATE FUNCTION posts_of(author bigint) RETURNS bigint
BEGIN ATOMIC
    SELECT count(*) FROM posts WHERE author_id = author;
END;

CREATE FUNCTION titled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.title := coalesce(NEW.title, 'Untitled;');
    RETURN NEW;
END $$;
CREATE TRIGGER titled BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION titled();

-- DOWN
DROP FUNCTION posts_of;
DROP TABLE posts;
DROP FUNCTION titled;
