-- Portrait::get(1).one(db)
SELECT "id", "tenant_id", "author_id", "text" FROM "portraits" WHERE "id" = $1 AND "tenant_id" = $2;

-- Portrait::find().all(db)
SELECT "id", "tenant_id", "author_id", "text" FROM "portraits" WHERE "tenant_id" = $1;

-- Portrait::find().filter(Portrait::ID.eq(1)).for_update().one(db)
SELECT "id", "tenant_id", "author_id", "text" FROM "portraits" WHERE "id" = $1 AND "tenant_id" = $2 LIMIT $3 FOR UPDATE;

-- Author::find().count(db)
SELECT count(*) FROM "authors" WHERE "deleted_at" IS NULL AND "tenant_id" = $1;

-- Portrait::find().exists(db)
SELECT EXISTS (SELECT FROM "portraits" WHERE "tenant_id" = $1);

-- Portrait::find().order_by(Portrait::TEXT).page(1, db)
SELECT "id", "tenant_id", "author_id", "text" FROM "portraits" WHERE "tenant_id" = $1 ORDER BY "text", "id", "tenant_id" LIMIT $2;

-- Tag::find().select(Tag::NAME).distinct().all(db)
SELECT DISTINCT "name" FROM "tags" WHERE "tenant_id" = $1;

-- Tag::find().filter(Tag::ID.in_query(ids())).all(db)
SELECT "id", "tenant_id", "name" FROM "tags" WHERE "id" IN (SELECT s1."author_id" FROM "portraits" AS s1 WHERE s1."tenant_id" = $1) AND "tenant_id" = $1;

-- Tag::find().select(Tag::ID).union(two()).union(ids()).all(db)
(SELECT "id" FROM "tags" WHERE "tenant_id" = $1) UNION (SELECT "id" FROM "tags" WHERE "tenant_id" = $2) UNION (SELECT "author_id" FROM "portraits" WHERE "tenant_id" = $1);

-- Portrait::find().join(author, on()).select(Portrait::ID).all(db)
SELECT "portraits"."id" FROM (SELECT "id", "tenant_id", "author_id", "text" FROM "portraits" WHERE "tenant_id" = $1) AS "portraits" JOIN (SELECT "id", "tenant_id", "name", "country_id", "boss_id", "deleted_at" FROM "authors" WHERE "deleted_at" IS NULL AND "tenant_id" = $1) AS "author" ON "author"."id" = "portraits"."author_id";

-- Tag::find().of(Tag::find().limit(1)).all(db)
WITH source AS (SELECT "id", "tenant_id", "name" FROM "tags" WHERE "tenant_id" = $1 LIMIT $2) SELECT "id", "tenant_id", "name" FROM source AS "tags" WHERE "tenant_id" = $1;

-- Author::find().tree(Author::find(), Author::STAFF).select(Author::ID).all(db)
WITH RECURSIVE source AS (SELECT "id", "tenant_id" FROM "authors" WHERE "deleted_at" IS NULL AND "tenant_id" = $1 UNION SELECT s1."id", s1."tenant_id" FROM "authors" AS s1 JOIN source ON s1."boss_id" = source."id" WHERE s1."deleted_at" IS NULL AND s1."tenant_id" = $1) SELECT "id" FROM (SELECT "id", "tenant_id", "name", "country_id", "boss_id", "deleted_at" FROM "authors" WHERE ("id", "tenant_id") IN (SELECT "id", "tenant_id" FROM source) AND "tenant_id" = $1) AS "authors" WHERE "deleted_at" IS NULL AND "tenant_id" = $1;

-- Tag::find().filter(Tag::BOOKS.any(Book::AUTHOR.is(Author::PORTRAIT.exists()))).all(db)
SELECT "id", "tenant_id", "name" FROM "tags" WHERE EXISTS (SELECT FROM "book_tags" AS s1 JOIN "books" AS s2 ON s2."id" = s1."book_id" AND s2."tenant_id" = $1 WHERE s1."tag_id" = "tags"."id" AND s1."tenant_id" = $1 AND EXISTS (SELECT FROM "authors" AS s3 WHERE s3."id" = s2."author_id" AND s3."deleted_at" IS NULL AND s3."tenant_id" = $1 AND EXISTS (SELECT FROM "portraits" AS s4 WHERE s4."author_id" = s3."id" AND s4."tenant_id" = $1))) AND "tenant_id" = $1;

-- Country::find().select(Country::AUTHORS.count()).all(db)
SELECT (SELECT count(*) FROM "authors" AS s1 WHERE s1."country_id" = "countries"."id" AND s1."deleted_at" IS NULL AND s1."tenant_id" = $1) FROM "countries";

-- Tag::find().with(Tag::BOOKS).all(db)
SELECT "id", "tenant_id", "name" FROM "tags" WHERE "tenant_id" = $1;
SELECT t0."tenant_id", t0."id", t0."author_id", t0."title", t0."version", t1."tag_id", t1."tenant_id" FROM "books" AS t0 JOIN "book_tags" AS t1 ON t1."book_id" = t0."id" AND t1."tag_id" = ANY($1) AND t1."tenant_id" = $2 WHERE t0."tenant_id" = $2;

-- Tag::find().with(Tag::BOOKS.joined()).all(db)
SELECT t0."id", t0."tenant_id", t0."name", t1."tenant_id", t1."id", t1."author_id", t1."title", t1."version" FROM "tags" AS t0 LEFT JOIN ("book_tags" AS l1 JOIN "books" AS t1 ON t1."id" = l1."book_id") ON l1."tag_id" = t0."id" AND t1."tenant_id" = $1 AND l1."tenant_id" = $1 WHERE t0."tenant_id" = $1;

-- Tag::find().with(Tag::BOOKS.limit(1)).all(db)
SELECT "id", "tenant_id", "name" FROM "tags" WHERE "tenant_id" = $1;
SELECT t0."tenant_id", t0."id", t0."author_id", t0."title", t0."version", t1."tag_id", t1."tenant_id" FROM "books" AS t0 JOIN (SELECT l0."tag_id", l0."tenant_id", l0."book_id", row_number() OVER (PARTITION BY l0."tag_id", l0."tenant_id") AS "ormcore place" FROM "book_tags" AS l0 JOIN "books" AS s1 ON s1."id" = l0."book_id" WHERE l0."tag_id" = ANY($1) AND s1."tenant_id" = $2 AND l0."tenant_id" = $2) AS t1 ON t1."book_id" = t0."id" AND t1."ormcore place" <= $3 WHERE t0."tenant_id" = $2 ORDER BY t1."ormcore place";

-- Tag::find().with(Tag::BOOKS.limit(1).joined()).all(db)
SELECT t0."id", t0."tenant_id", t0."name", t1."tenant_id", t1."id", t1."author_id", t1."title", t1."version" FROM "tags" AS t0 LEFT JOIN ((SELECT l0."tag_id", l0."tenant_id", l0."book_id", row_number() OVER (PARTITION BY l0."tag_id", l0."tenant_id") AS "ormcore place" FROM "book_tags" AS l0 JOIN "books" AS s1 ON s1."id" = l0."book_id" WHERE s1."tenant_id" = $1 AND l0."tenant_id" = $1) AS l1 JOIN "books" AS t1 ON t1."id" = l1."book_id" AND t1."tenant_id" = $1) ON l1."tag_id" = t0."id" AND l1."ormcore place" <= $2 WHERE t0."tenant_id" = $1 ORDER BY l1."ormcore place";

-- Tag::find().with(Tag::BOOKS.lateral()).all(db)
SELECT t0."id", t0."tenant_id", t0."name", t1."tenant_id", t1."id", t1."author_id", t1."title", t1."version" FROM "tags" AS t0 LEFT JOIN LATERAL (SELECT s1."tenant_id", s1."id", s1."author_id", s1."title", s1."version" FROM "book_tags" AS l0 JOIN "books" AS s1 ON s1."id" = l0."book_id" WHERE l0."tag_id" = t0."id" AND s1."tenant_id" = $1 AND l0."tenant_id" = $1) AS t1 ON TRUE WHERE t0."tenant_id" = $1;

-- Portrait::get(1).scope(TenantId(2)).one(db)
SELECT "id", "tenant_id", "author_id", "text" FROM "portraits" WHERE "id" = $1 AND "tenant_id" = $2;

-- book.author.load(db)
SELECT "id", "tenant_id", "name", "country_id", "boss_id", "deleted_at" FROM "authors" WHERE "id" = $1 AND "deleted_at" IS NULL AND "tenant_id" = $2;

-- book.tags.load(db)
SELECT t0."id", t0."tenant_id", t0."name", t1."book_id", t1."tenant_id" FROM "tags" AS t0 JOIN "book_tags" AS t1 ON t1."tag_id" = t0."id" AND t1."book_id" = $1 AND t1."tenant_id" = $2 WHERE t0."tenant_id" = $2;

-- tags_of_all_scopes().all(db)
SELECT "id", "tenant_id", "name" FROM "tags";

-- tags_of_all_scopes().order_by(Tag::NAME).page(1, db)
SELECT "id", "tenant_id", "name" FROM "tags" ORDER BY "name", "id", "tenant_id" LIMIT $1;

-- tags_of_all_scopes().filter(Tag::BOOKS.any(Book::AUTHOR.exists())).all(db)
SELECT "id", "tenant_id", "name" FROM "tags" WHERE EXISTS (SELECT FROM "book_tags" AS s1 JOIN "books" AS s2 ON s2."id" = s1."book_id" AND s2."tenant_id" = s1."tenant_id" WHERE s1."tag_id" = "tags"."id" AND s1."tenant_id" = "tags"."tenant_id" AND EXISTS (SELECT FROM "authors" AS s3 WHERE s3."id" = s2."author_id" AND s3."tenant_id" = s2."tenant_id" AND s3."deleted_at" IS NULL));

-- tags_of_all_scopes().with(Tag::BOOKS).all(db)
SELECT "id", "tenant_id", "name" FROM "tags";
SELECT t0."tenant_id", t0."id", t0."author_id", t0."title", t0."version", t1."tag_id", t1."tenant_id" FROM "books" AS t0 JOIN "book_tags" AS t1 ON t1."book_id" = t0."id" AND t1."tenant_id" = t0."tenant_id" AND ((t1."tag_id", t1."tenant_id") IN (SELECT * FROM unnest($1::bigint[], $2::bigint[])) AND t1."tenant_id" = ANY($3));

-- tags_of_all_scopes().with(Tag::BOOKS.joined()).all(db)
SELECT t0."id", t0."tenant_id", t0."name", t1."tenant_id", t1."id", t1."author_id", t1."title", t1."version" FROM "tags" AS t0 LEFT JOIN ("book_tags" AS l1 JOIN "books" AS t1 ON t1."id" = l1."book_id" AND t1."tenant_id" = l1."tenant_id") ON l1."tag_id" = t0."id" AND l1."tenant_id" = t0."tenant_id";

-- tags_of_all_scopes().with(Tag::BOOKS.limit(1)).all(db)
SELECT "id", "tenant_id", "name" FROM "tags";
SELECT t0."tenant_id", t0."id", t0."author_id", t0."title", t0."version", t1."tag_id", t1."tenant_id" FROM "books" AS t0 JOIN (SELECT l0."tag_id", l0."tenant_id", l0."book_id", row_number() OVER (PARTITION BY l0."tag_id", l0."tenant_id") AS "ormcore place" FROM "book_tags" AS l0 JOIN "books" AS s1 ON s1."id" = l0."book_id" AND s1."tenant_id" = l0."tenant_id" WHERE ((l0."tag_id", l0."tenant_id") IN (SELECT * FROM unnest($1::bigint[], $2::bigint[])) AND l0."tenant_id" = ANY($3))) AS t1 ON t1."book_id" = t0."id" AND t1."tenant_id" = t0."tenant_id" AND t1."ormcore place" <= $4 ORDER BY t1."ormcore place";

-- tags_of_all_scopes().with(Tag::BOOKS.lateral()).all(db)
SELECT t0."id", t0."tenant_id", t0."name", t1."tenant_id", t1."id", t1."author_id", t1."title", t1."version" FROM "tags" AS t0 LEFT JOIN LATERAL (SELECT s1."tenant_id", s1."id", s1."author_id", s1."title", s1."version" FROM "book_tags" AS l0 JOIN "books" AS s1 ON s1."id" = l0."book_id" AND s1."tenant_id" = l0."tenant_id" WHERE l0."tag_id" = t0."id" AND l0."tenant_id" = t0."tenant_id") AS t1 ON TRUE;

-- Author::find().all_scopes().with(Author::BOOKS.limit(1)).all(db)
SELECT "id", "tenant_id", "name", "country_id", "boss_id", "deleted_at" FROM "authors" WHERE "deleted_at" IS NULL;
SELECT "tenant_id", "id", "author_id", "title", "version" FROM (SELECT s1."tenant_id", s1."id", s1."author_id", s1."title", s1."version", row_number() OVER (PARTITION BY s1."author_id", s1."tenant_id") AS "ormcore place" FROM "books" AS s1 WHERE ((s1."author_id", s1."tenant_id") IN (SELECT * FROM unnest($1::bigint[], $2::bigint[])) AND s1."tenant_id" = ANY($3))) AS "books" WHERE "ormcore place" <= $4 ORDER BY "ormcore place";

-- Author::find().all_scopes().tree(Author::find(), Author::STAFF).select(Author::ID).all(db)
WITH RECURSIVE source AS (SELECT "id", "tenant_id" FROM "authors" WHERE "deleted_at" IS NULL UNION SELECT s1."id", s1."tenant_id" FROM "authors" AS s1 JOIN source ON s1."boss_id" = source."id" AND s1."tenant_id" = source."tenant_id" WHERE s1."deleted_at" IS NULL) SELECT "id" FROM (SELECT "id", "tenant_id", "name", "country_id", "boss_id", "deleted_at" FROM "authors" WHERE ("id", "tenant_id") IN (SELECT "id", "tenant_id" FROM source)) AS "authors" WHERE "deleted_at" IS NULL;

-- Author::insert(author(3)).execute(db)
INSERT INTO "authors" ("id", "name", "country_id", "boss_id", "tenant_id") VALUES ($1, $2, $3, $4, $5);

-- Book::insert(new_book(5, 1)).one(db)
INSERT INTO "books" ("id", "author_id", "title", "tenant_id") VALUES ($1, $2, $3, $4) RETURNING "tenant_id", "id", "author_id", "title", "version";

-- Author::insert_many(vec![author(4)]).execute(db)
INSERT INTO "authors" ("id", "name", "country_id", "boss_id", "tenant_id") SELECT t0."id", t0."name", t0."country_id", t0."boss_id", t0."tenant_id" FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS t0 ("id", "name", "country_id", "boss_id", "tenant_id");

-- Portrait::insert_many(vec![new(3), new(4)]).all(db)
WITH input AS MATERIALIZED (SELECT t0."id", t0."author_id", t0."text", t0."tenant_id", "ormcore position" FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) WITH ORDINALITY AS t0 ("id", "author_id", "text", "tenant_id", "ormcore position")), stored AS (INSERT INTO "portraits" ("id", "author_id", "text", "tenant_id") SELECT "id", "author_id", "text", "tenant_id" FROM input ORDER BY "ormcore position" RETURNING "id", "tenant_id", "author_id", "text") SELECT stored."id", stored."tenant_id", stored."author_id", stored."text" FROM stored JOIN input ON stored."id" = input."id" ORDER BY input."ormcore position";

-- Portrait::upsert(new(1)).on_conflict(Portrait::ID).update_all().one(db)
INSERT INTO "portraits" ("id", "author_id", "text", "tenant_id") VALUES ($1, $2, $3, $4) ON CONFLICT ("id", "tenant_id") DO UPDATE SET "author_id" = "excluded"."author_id", "text" = "excluded"."text" WHERE "portraits"."tenant_id" = $5 RETURNING "id", "tenant_id", "author_id", "text";

-- Portrait::upsert(new(1)).on_conflict(Portrait::AUTHOR_ID).do_nothing().execute(db)
INSERT INTO "portraits" ("id", "author_id", "text", "tenant_id") VALUES ($1, $2, $3, $4) ON CONFLICT ("author_id", "tenant_id") DO NOTHING;

-- Portrait::upsert(new(1)).on_constraint("portraits_pkey").update(Portrait::TEXT).execute(db)
INSERT INTO "portraits" ("id", "author_id", "text", "tenant_id") VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT "portraits_pkey" DO UPDATE SET "text" = "excluded"."text" WHERE "portraits"."tenant_id" = $5;

-- Portrait::upsert_many(vec![new(2)]).on_conflict(Portrait::ID).update_all().all(db)
WITH input AS MATERIALIZED (SELECT t0."id", t0."author_id", t0."text", t0."tenant_id", "ormcore position" FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) WITH ORDINALITY AS t0 ("id", "author_id", "text", "tenant_id", "ormcore position")), stored AS (INSERT INTO "portraits" ("id", "author_id", "text", "tenant_id") SELECT "id", "author_id", "text", "tenant_id" FROM input ORDER BY "ormcore position" ON CONFLICT ("id", "tenant_id") DO UPDATE SET "author_id" = "excluded"."author_id", "text" = "excluded"."text" WHERE "portraits"."tenant_id" = $5 RETURNING "id", "tenant_id", "author_id", "text") SELECT stored."id", stored."tenant_id", stored."author_id", stored."text" FROM stored LEFT JOIN (SELECT "id", "tenant_id", min("ormcore position") AS position FROM input GROUP BY "id", "tenant_id") AS input ON stored."id" = input."id" AND stored."tenant_id" = input."tenant_id" ORDER BY input.position;

-- Tag::copy_in([NewTag { id: 9, name: "x".into() }]).execute(db)
COPY "tags" ("id", "name", "tenant_id") FROM STDIN (FORMAT binary);

-- Portrait::update(1).set(Portrait::TEXT, "y").execute(db)
UPDATE "portraits" SET "text" = $1 WHERE "id" = $2 AND "tenant_id" = $3;

-- Portrait::update_many().set(Portrait::TEXT, "y").filter(none()).all(db)
UPDATE "portraits" SET "text" = $1 WHERE "text" = $2 AND "tenant_id" = $3 RETURNING "id", "tenant_id", "author_id", "text";

-- Portrait::update_each(Portrait::TEXT, [(1, "y".into())]).all(db)
WITH stored AS (UPDATE "portraits" SET "text" = "ormcore rows"."text" FROM (SELECT t0."id", t0."text", "ormcore position" FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS t0 ("id", "text", "ormcore position")) AS "ormcore rows" WHERE "portraits"."id" = "ormcore rows"."id" AND "portraits"."tenant_id" = $3 RETURNING "portraits"."id", "portraits"."tenant_id", "portraits"."author_id", "portraits"."text", "ormcore position") SELECT "id", "tenant_id", "author_id", "text" FROM stored ORDER BY "ormcore position";

-- Book::delete().key(5).execute(db)
DELETE FROM "books" WHERE "id" = $1 AND "tenant_id" = $2;

-- Author::delete().key(3).execute(db)
UPDATE "authors" SET "deleted_at" = now() WHERE "id" = $1 AND "deleted_at" IS NULL AND "tenant_id" = $2;

-- Portrait::delete().all_rows().execute(db)
DELETE FROM "portraits" WHERE "tenant_id" = $1;

-- Book::TAGS.of_key(&1).add(db, [2])
INSERT INTO "book_tags" ("book_id", "tenant_id", "tag_id") SELECT $1::bigint, $2::bigint, given.* FROM unnest($3::bigint[]) AS given ON CONFLICT DO NOTHING;

-- Book::TAGS.of_key(&1).set(db, [1])
WITH gone AS (DELETE FROM "book_tags" WHERE "book_id" = $1 AND "tenant_id" = $2 AND ("tag_id") NOT IN (SELECT * FROM unnest($3::bigint[]))) INSERT INTO "book_tags" ("book_id", "tenant_id", "tag_id") SELECT $4::bigint, $5::bigint, given.* FROM unnest($6::bigint[]) AS given ON CONFLICT DO NOTHING;

-- Book::TAGS.of_key(&1).has(db, 1)
SELECT EXISTS (SELECT FROM "tags" WHERE EXISTS (SELECT FROM "book_tags" AS s1 WHERE s1."tag_id" = "tags"."id" AND s1."tenant_id" = $1 AND s1."book_id" = $2) AND "id" = $3 AND "tenant_id" = $1);

-- Book::TAGS.of_key(&1).keys(db)
SELECT "id" FROM "tags" WHERE EXISTS (SELECT FROM "book_tags" AS s1 WHERE s1."tag_id" = "tags"."id" AND s1."tenant_id" = $1 AND s1."book_id" = $2) AND "tenant_id" = $1;

-- Country::MEMBERS.of_key(&1).count(db)
SELECT count(*) FROM "authors" WHERE EXISTS (SELECT FROM "memberships" AS s1 WHERE s1."author_id" = "authors"."id" AND s1."tenant_id" = $1 AND s1."country_id" = $2) AND "deleted_at" IS NULL AND "tenant_id" = $1;

-- Book::TAGS.of_key(&1).clear(db)
DELETE FROM "book_tags" WHERE "book_id" = $1 AND "tenant_id" = $2;

-- s.get and s.load
SELECT "id", "tenant_id", "name", "country_id", "boss_id", "deleted_at" FROM "authors" WHERE "id" = $1 AND "deleted_at" IS NULL AND "tenant_id" = $2;
SELECT "tenant_id", "id", "author_id", "title", "version" FROM "books" WHERE "id" = $1 AND "tenant_id" = $2;
SELECT "tenant_id", "id", "author_id", "title", "version" FROM "books" WHERE "id" = $1 AND "tenant_id" = $2;
SELECT "id", "tenant_id", "name" FROM "tags" WHERE "id" = $1 AND "tenant_id" = $2;
SELECT "id", "tenant_id", "name" FROM "tags" WHERE "id" = $1 AND "tenant_id" = $2;
SELECT "tenant_id", "id", "author_id", "title", "version" FROM "books" WHERE "author_id" = ANY($1) AND "tenant_id" = $2;
SELECT t0."id", t0."tenant_id", t0."name", t1."book_id", t1."tenant_id" FROM "tags" AS t0 JOIN "book_tags" AS t1 ON t1."tag_id" = t0."id" AND t1."book_id" = ANY($1) AND t1."tenant_id" = $2 WHERE t0."tenant_id" = $2;

-- s.flush of rows that are new or changed, and of links
DELETE FROM "book_tags" WHERE ("book_id", "tenant_id", "tag_id") IN (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])) AND "tenant_id" = $4;
INSERT INTO "authors" ("id", "name", "country_id", "boss_id", "tenant_id") VALUES ($1, $2, $3, $4, $5) RETURNING "id", "tenant_id", "name", "country_id", "boss_id", "deleted_at";
WITH input AS MATERIALIZED (SELECT t0."id", t0."name", t0."tenant_id", "ormcore position" FROM unnest($1::bigint[], $2::text[], $3::bigint[]) WITH ORDINALITY AS t0 ("id", "name", "tenant_id", "ormcore position")), stored AS (INSERT INTO "tags" ("id", "name", "tenant_id") SELECT "id", "name", "tenant_id" FROM input ORDER BY "ormcore position" RETURNING "id", "tenant_id", "name") SELECT stored."id", stored."tenant_id", stored."name" FROM stored JOIN input ON stored."id" = input."id" ORDER BY input."ormcore position";
UPDATE "books" SET "title" = "ormcore rows"."title", "version" = "books"."version" + 1 FROM (SELECT t0."id", t0."version", t0."title" FROM unnest($1::bigint[], $2::integer[], $3::text[]) AS t0 ("id", "version", "title")) AS "ormcore rows" WHERE "books"."id" = "ormcore rows"."id" AND "books"."version" = "ormcore rows"."version" AND "books"."tenant_id" = $4 RETURNING "books"."id", "books"."version";
INSERT INTO "book_tags" ("book_id", "tenant_id", "tag_id") SELECT given.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS given ON CONFLICT DO NOTHING;

-- s.flush of a row that is removed
DELETE FROM "books" WHERE ("id", "version") IN (SELECT * FROM unnest($1::bigint[], $2::integer[])) AND "tenant_id" = $3 RETURNING "id";

