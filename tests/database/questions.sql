-- User::get(1).one(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "id" = $1;

-- User::find().all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users";

-- User::find().maybe(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" LIMIT $1;

-- User::find().order_by(User::ID).first(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" ORDER BY "id" LIMIT $1;

-- User::find().filter(User::AGE.is_null()).count(db)
SELECT count(*) FROM "users" WHERE "age" IS NULL;

-- User::find().filter(User::AGE.is_null()).exists(db)
SELECT EXISTS (SELECT FROM "users" WHERE "age" IS NULL);

-- User::find().order_by(User::AGE.desc().nulls_last()).limit(1).offset(1).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" ORDER BY "age" DESC NULLS LAST LIMIT $1 OFFSET $2;

-- User::find().order_by(User::AGE).page(1, db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" ORDER BY "age", "id" LIMIT $1;

-- User::find().numbered_page(1, 2, db)
SELECT count(*) FROM "users";
SELECT "id", "name", "email", "age", "created_at" FROM "users" LIMIT $1 OFFSET $2;

-- User::find().filter(Condition::all([])).filter(Condition::any([])).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE TRUE AND FALSE;

-- User::find().filter(User::NAME.eq("a").or(!User::NAME.ne(User::EMAIL))).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ("name" = $1 OR NOT ("name" <> "email"));

-- User::find().filter(User::ID.in_([1]) & User::ID.not_in([2]) & User::AGE.between(1, 2)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ("id" = ANY($1) AND "id" <> ALL($2) AND "age" BETWEEN $3 AND $4);

-- User::find().filter(User::POSTS.any(Post::PUBLISHED)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id" AND s1."published");

-- User::find().filter(User::POSTS.none(Post::PUBLISHED) & User::POSTS.missing()).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (NOT (EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id" AND s1."published")) AND NOT (EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id")));

-- User::find().filter(User::POSTS.every(Post::COMMENTS.exists())).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE NOT (EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id" AND (EXISTS (SELECT FROM "comments" AS s2 WHERE s2."post_id" = s1."id")) IS NOT TRUE));

-- User::find().filter(User::POSTS.filter(Post::PUBLISHED).count().gt(1)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (SELECT count(*) FROM "posts" AS s1 WHERE s1."author_id" = "users"."id" AND s1."published") > $1::bigint;

-- User::find().filter(User::POSTS.aggregate(Post::ID.max()).gt(1)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (SELECT max(s1."id") FROM "posts" AS s1 WHERE s1."author_id" = "users"."id") > $1::bigint;

-- Post::find().filter(Post::AUTHOR.is(User::NAME.eq("a"))).all(db)
SELECT "id", "author_id", "editor_id", "title", "published" FROM "posts" WHERE EXISTS (SELECT FROM "users" AS s1 WHERE s1."id" = "posts"."author_id" AND s1."name" = $1);

-- User::find().filter(User::ID.in_query(Post::find().select(Post::AUTHOR_ID))).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "id" IN (SELECT s1."author_id" FROM "posts" AS s1);

-- User::find().filter(User::ID.not_in_query(Post::find().select(Post::AUTHOR_ID))).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "id" NOT IN (SELECT s1."author_id" FROM "posts" AS s1);

-- User::find().for_update().all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" FOR UPDATE;

-- User::find().for_no_key_update().skip_locked().all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" FOR NO KEY UPDATE SKIP LOCKED;

-- User::find().for_share().nowait().all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" FOR SHARE NOWAIT;

-- User::find().with(User::POSTS.order_by(Post::ID).with(Post::COMMENTS)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users";
SELECT "id", "author_id", "editor_id", "title", "published" FROM "posts" WHERE "author_id" = ANY($1) ORDER BY "id";
SELECT "id", "post_id", "author_id", "body" FROM "comments" WHERE "post_id" = ANY($1);

-- Post::find().with(Post::AUTHOR.joined()).with(Post::EDITOR.joined()).all(db)
SELECT t0."id", t0."author_id", t0."editor_id", t0."title", t0."published", t1."id", t1."name", t1."email", t1."age", t1."created_at", t2."id", t2."name", t2."email", t2."age", t2."created_at" FROM "posts" AS t0 LEFT JOIN "users" AS t1 ON t1."id" = t0."author_id" LEFT JOIN "users" AS t2 ON t2."id" = t0."editor_id";

-- User::find().with(User::POSTS).consistent().all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users";
SELECT "id", "author_id", "editor_id", "title", "published" FROM "posts" WHERE "author_id" = ANY($1);

-- User::find().filter(User::AGE.gt(1)).copy_out(db).next_chunk(9)
COPY (SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "age" > $1) TO STDOUT (FORMAT binary);

-- User::find().select((User::NAME, User::AGE)).copy_out_csv(db).next_chunk(9)
COPY (SELECT "name", "age" FROM "users") TO STDOUT (FORMAT csv, HEADER);

-- User::find().limit(2).with(User::POSTS.joined().with(Post::COMMENTS.joined())).all(db)
SELECT t0."id", t0."name", t0."email", t0."age", t0."created_at", t1."id", t1."author_id", t1."editor_id", t1."title", t1."published", t2."id", t2."post_id", t2."author_id", t2."body" FROM (SELECT "id", "name", "email", "age", "created_at" FROM "users" LIMIT $1) AS t0 LEFT JOIN "posts" AS t1 ON t1."author_id" = t0."id" LEFT JOIN "comments" AS t2 ON t2."post_id" = t1."id";

-- User::find().filter(((age + 1) * 2 - 3).gt(-age / 4 % 5)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ((("age" + $1::integer) * $2::integer) - $3::integer) > (((- "age") / $4::integer) % $5::integer);

-- User::find().filter((age - 1).abs().eq(1)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE abs(("age" - $1::integer)) = $2::integer;

-- User::find().filter(age.is_distinct_from(1) & age.is_not_distinct_from(2)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ("age" IS DISTINCT FROM $1 AND "age" IS NOT DISTINCT FROM $2);

-- User::find().filter(age.coalesce(1).eq(2) & age.null_if(3).is_null()).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (coalesce("age", $1) = $2::integer AND nullif("age", $3) IS NULL);

-- User::find().filter(age.greatest(1).eq(2) & age.least(1).eq(2)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (greatest("age", $1) = $2::integer AND least("age", $3) = $4::integer);

-- User::find().filter(age.cast::<Option<f64>>().lt(0.5)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE CAST("age" AS double precision) < $1::double precision;

-- User::find().filter(name.lower().trim().eq(name.upper())).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE btrim(lower("name")) = upper("name");

-- User::find().filter(name.starts_with("a") & name.ends_with("a") & name.contains("a")).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ("name" LIKE $1 AND "name" LIKE $2 AND "name" LIKE $3);

-- User::find().filter(name.icontains("a") & name.not_like("a") & name.not_ilike("a")).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ("name" ILIKE $1 AND "name" NOT LIKE $2 AND "name" NOT ILIKE $3);

-- User::find().filter(name.matches("a") & name.imatches("a")).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ("name" ~ $1 AND "name" ~* $2);

-- User::find().filter(name.length().gt(1) & name.substring(1, 2).eq("a")).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (char_length("name") > $1::integer AND substring("name", $2::integer, $3::integer) = $4::text);

-- User::find().filter(name.replace("a", "b").concat("c").eq("d")).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (replace("name", $1::text, $2::text) || $3::text) = $4::text;

-- User::find().filter(name.search("english", "a") & name.search_rank("simple", "a").gt(0.1)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE (to_tsvector('english', "name") @@ websearch_to_tsquery('english', $1::text) AND ts_rank(to_tsvector('simple', "name"), websearch_to_tsquery('simple', $2::text)) > $3::real);

-- User::find().filter(User::CREATED_AT.part(Unit::Year).gt(1)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE CAST(floor(date_part('year', "created_at")) AS integer) > $1::integer;

-- User::find().filter(User::CREATED_AT.truncate(Unit::Day).lt(User::CREATED_AT)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE CAST(date_trunc('day', "created_at") AS timestamptz) < "created_at";

-- User::find().filter(case::<User, i32>().when(age.gt(1), 2).when(age.is_null(), 3).otherwise(4).eq(5)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE CASE WHEN "age" > $1 THEN $2::integer WHEN "age" IS NULL THEN $3::integer ELSE $4::integer END = $5::integer;

-- User::find().filter(fragment("").term(name).sql(" = ").bind("a".to_owned())).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE ("name" = $1::text);

-- User::find().filter(Expression::<User, i32>::call("mod", [User::ID.cast::<i32>().into(), (age + 1).into()]).eq(0)).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE mod(CAST("id" AS integer), ("age" + $1::integer)) = $2::integer;

-- User::find().order_by(name.length().desc()).order_by(age + 1).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users" ORDER BY char_length("name") DESC, ("age" + $1::integer);

-- User::update(1).set(age, age + 1).execute(db)
UPDATE "users" SET "age" = ("age" + $1::integer) WHERE "id" = $2;

-- User::find().select((User::NAME, User::AGE)).all(db)
SELECT "name", "age" FROM "users";

-- User::find().select(row::<User>()).all(db)
SELECT "id", "name", "email", "age", "created_at" FROM "users";

-- User::find().select(User::NAME).distinct().all(db)
SELECT DISTINCT "name" FROM "users";

-- User::find().select(User::NAME).distinct_on(User::AGE).order_by(User::AGE).all(db)
SELECT DISTINCT ON ("age") "name" FROM "users" ORDER BY "age";

-- Post::find().select((Post::AUTHOR_ID, count())).group_by(Post::AUTHOR_ID).having(count().gt(3)).all(db)
SELECT "author_id", count(*) FROM "posts" GROUP BY "author_id" HAVING count(*) > $1::bigint;

-- User::find().select((User::AGE.sum(), User::AGE.avg(), User::AGE.min(), User::AGE.max())).all(db)
SELECT CAST(sum("age") AS bigint), CAST(avg("age") AS double precision), min("age"), max("age") FROM "users";

-- User::find().select((User::AGE.count(), User::AGE.count_distinct(), User::AGE.array_agg())).all(db)
SELECT count("age"), count(DISTINCT "age"), array_agg("age") FROM "users";

-- User::find().select(count().filter(User::AGE.gt(1))).all(db)
SELECT count(*) FILTER (WHERE "age" > $1) FROM "users";

-- Post::find().select((Post::TITLE.eq("a").every(), Post::TITLE.eq("b").some())).all(db)
SELECT bool_and("title" = $1), bool_or("title" = $2) FROM "posts";

-- Post::find().select(Post::TITLE.string_agg(",").order_by(Post::ID.desc())).all(db)
SELECT string_agg("title", $1::text ORDER BY "id" DESC) FROM "posts";

-- Post::find().select((row_number().over(in_order()), rank().over(in_order()))).all(db)
SELECT row_number() OVER (PARTITION BY "author_id" ORDER BY "id"), rank() OVER (PARTITION BY "author_id" ORDER BY "id") FROM "posts";

-- Post::find().select((dense_rank().over(in_order()), ntile(2).over(in_order()))).all(db)
SELECT dense_rank() OVER (PARTITION BY "author_id" ORDER BY "id"), ntile($1::integer) OVER (PARTITION BY "author_id" ORDER BY "id") FROM "posts";

-- Post::find().select((Post::TITLE.lag(1).over(in_order()), Post::TITLE.lead(2).over(in_order()))).all(db)
SELECT lag("title", $1::integer) OVER (PARTITION BY "author_id" ORDER BY "id"), lead("title", $2::integer) OVER (PARTITION BY "author_id" ORDER BY "id") FROM "posts";

-- Post::find().select((Post::ID.first_value().over(in_order()), Post::ID.last_value().over(in_order().all_rows()))).all(db)
SELECT first_value("id") OVER (PARTITION BY "author_id" ORDER BY "id"), last_value("id") OVER (PARTITION BY "author_id" ORDER BY "id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM "posts";

-- Post::find().select((count().over(of_author()), Post::ID.sum().over(in_order().rows_so_far()))).all(db)
SELECT count(*) OVER (PARTITION BY "author_id"), CAST(sum("id") OVER (PARTITION BY "author_id" ORDER BY "id" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS bigint) FROM "posts";

-- User::find().select((User::NAME, Post::find().select(Post::ID.max()).scalar::<User>())).all(db)
SELECT "name", (SELECT max(s1."id") FROM "posts" AS s1) FROM "users";

-- ids().union(authors()).all(db)
(SELECT "id" FROM "users") UNION (SELECT "author_id" FROM "posts");

-- ids().union_all(authors()).order_by_position(1).limit(1).offset(1).all(db)
(SELECT "id" FROM "users") UNION ALL (SELECT "author_id" FROM "posts") ORDER BY 1 LIMIT $1 OFFSET $2;

-- ids().intersect(authors()).order_by_position_desc(1).all(db)
(SELECT "id" FROM "users") INTERSECT (SELECT "author_id" FROM "posts") ORDER BY 1 DESC;

-- ids().intersect_all(authors()).all(db)
(SELECT "id" FROM "users") INTERSECT ALL (SELECT "author_id" FROM "posts");

-- ids().except(authors()).all(db)
(SELECT "id" FROM "users") EXCEPT (SELECT "author_id" FROM "posts");

-- ids().except_all(authors()).union(ids()).all(db)
(SELECT "id" FROM "users") EXCEPT ALL (SELECT "author_id" FROM "posts") UNION (SELECT "id" FROM "users");

-- User::find().join(other, on()).filter(other.col(User::ID).gt(User::ID)).all(db)
SELECT "users"."id", "users"."name", "users"."email", "users"."age", "users"."created_at" FROM "users" JOIN "users" AS "other" ON "other"."age" = "users"."age" WHERE "other"."id" > "users"."id";

-- User::find().left_join(other, on()).select((User::ID, other.maybe(User::ID))).all(db)
SELECT "users"."id", "other"."id" FROM "users" LEFT JOIN "users" AS "other" ON "other"."age" = "users"."age";

-- User::find().right_join(other, on()).select(other.col::<User, _>(User::ID)).all(db)
SELECT "other"."id" FROM "users" RIGHT JOIN "users" AS "other" ON "other"."age" = "users"."age";

-- User::find().full_join(other, other.col(User::ID).eq(User::ID)).select(count()).all(db)
SELECT count(*) FROM "users" FULL JOIN "users" AS "other" ON "other"."id" = "users"."id";

-- User::find().of(older()).order_by(User::ID).all(db)
WITH source AS (SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "age" > $1) SELECT "id", "name", "email", "age", "created_at" FROM source AS "users" ORDER BY "id";

-- User::find().of(older().limit(1)).select(count()).all(db)
WITH source AS (SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "age" > $1 LIMIT $2) SELECT count(*) FROM source AS "users";

-- User::find().join(other, on()).count(db)
SELECT count(*) FROM "users" JOIN "users" AS "other" ON "other"."age" = "users"."age";

-- User::insert(new("b")).one(db)
INSERT INTO "users" ("name", "email", "age") VALUES ($1, $2, $3) RETURNING "id", "name", "email", "age", "created_at";

-- User::insert(new("c")).execute(db)
INSERT INTO "users" ("name", "email", "age") VALUES ($1, $2, $3);

-- User::insert_many(vec![new("d"), new("e")]).all(db)
WITH input AS MATERIALIZED (SELECT nextval((SELECT pg_get_serial_sequence('"users"', 'id')::regclass)) AS "id", t0."name", t0."email", t0."age", "ormcore position" FROM unnest($1::text[], $2::text[], $3::integer[]) WITH ORDINALITY AS t0 ("name", "email", "age", "ormcore position")), stored AS (INSERT INTO "users" ("id", "name", "email", "age") OVERRIDING SYSTEM VALUE SELECT "id", "name", "email", "age" FROM input ORDER BY "ormcore position" RETURNING "id", "name", "email", "age", "created_at") SELECT stored."id", stored."name", stored."email", stored."age", stored."created_at" FROM stored JOIN input ON stored."id" = input."id" ORDER BY input."ormcore position";

-- User::insert_many(vec![new("f")]).keys(db)
WITH input AS MATERIALIZED (SELECT array_agg(nextval((SELECT pg_get_serial_sequence('"users"', 'id')::regclass))) AS "id" FROM generate_series(1, $1::bigint)), stored AS (INSERT INTO "users" ("id", "name", "email", "age") OVERRIDING SYSTEM VALUE SELECT t0."id", t0."name", t0."email", t0."age" FROM input CROSS JOIN unnest("input"."id", $2::text[], $3::text[], $4::integer[]) AS t0 ("id", "name", "email", "age") RETURNING "id") SELECT "input"."id"::bigint[] FROM input WHERE (SELECT count(*) FROM stored JOIN unnest("input"."id") AS made ON made = stored."id") = cardinality("input"."id");

-- User::insert_many(vec![new("g")]).execute(db)
INSERT INTO "users" ("name", "email", "age") SELECT t0."name", t0."email", t0."age" FROM unnest($1::text[], $2::text[], $3::integer[]) AS t0 ("name", "email", "age");

-- Comment::insert_many(vec![comment(1)]).all(db)
WITH input AS MATERIALIZED (SELECT nextval((SELECT pg_get_serial_sequence('"comments"', 'id')::regclass)) AS "id", t0."post_id", t0."author_id", t0."body", "ormcore position" FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY AS t0 ("post_id", "author_id", "body", "ormcore position")), stored AS (INSERT INTO "comments" ("id", "post_id", "author_id", "body") OVERRIDING SYSTEM VALUE SELECT "id", "post_id", "author_id", "body" FROM input ORDER BY "ormcore position" RETURNING "id", "post_id", "author_id", "body") SELECT stored."id", stored."post_id", stored."author_id", stored."body" FROM stored JOIN input ON stored."id" = input."id" ORDER BY input."ormcore position";

-- User::copy_in([new("h")]).execute(db)
COPY "users" ("name", "email", "age") FROM STDIN (FORMAT binary);

-- User::insert(new("i")).returning((User::ID, User::NAME)).one(db)
INSERT INTO "users" ("name", "email", "age") VALUES ($1, $2, $3) RETURNING "id", "name";

-- User::insert_many(vec![new("j"), new("k")]).returning(User::ID).all(db)
WITH input AS MATERIALIZED (SELECT nextval((SELECT pg_get_serial_sequence('"users"', 'id')::regclass)) AS "id", t0."name", t0."email", t0."age", "ormcore position" FROM unnest($1::text[], $2::text[], $3::integer[]) WITH ORDINALITY AS t0 ("name", "email", "age", "ormcore position")), stored AS (INSERT INTO "users" ("id", "name", "email", "age") OVERRIDING SYSTEM VALUE SELECT "id", "name", "email", "age" FROM input ORDER BY "ormcore position" RETURNING "id", "name", "email", "age", "created_at") SELECT "stored"."id" FROM stored JOIN input ON stored."id" = input."id" ORDER BY input."ormcore position";

-- User::upsert(new("j")).on_conflict(User::EMAIL).update(User::NAME).returning((row(), inserted())).one(db)
INSERT INTO "users" ("name", "email", "age") VALUES ($1, $2, $3) ON CONFLICT ("email") DO UPDATE SET "name" = "excluded"."name" RETURNING "id", "name", "email", "age", "created_at", (xmax = 0);

-- User::upsert_many(vec![new("j")]).on_conflict(User::EMAIL).update(User::NAME).returning((User::ID, inserted())).all(db)
WITH input AS MATERIALIZED (SELECT t0."name", t0."email", t0."age", "ormcore position" FROM unnest($1::text[], $2::text[], $3::integer[]) WITH ORDINALITY AS t0 ("name", "email", "age", "ormcore position")), stored AS (INSERT INTO "users" ("name", "email", "age") SELECT "name", "email", "age" FROM input ORDER BY "ormcore position" ON CONFLICT ("email") DO UPDATE SET "name" = "excluded"."name" RETURNING "id", "name", "email", "age", "created_at", (xmax = 0) AS "ormcore inserted") SELECT "stored"."id", stored."ormcore inserted" FROM stored LEFT JOIN (SELECT "email", min("ormcore position") AS position FROM input GROUP BY "email") AS input ON stored."email" = input."email" ORDER BY input.position;

-- User::update(1).set(User::AGE, 1).returning((User::ID, User::POSTS.count())).one(db)
UPDATE "users" SET "age" = $1 WHERE "id" = $2 RETURNING "id", (SELECT count(*) FROM "posts" AS s1 WHERE s1."author_id" = "users"."id");

-- User::update_each(User::AGE, [(1, Some(2))]).returning((User::ID, User::AGE)).all(db)
WITH stored AS (UPDATE "users" SET "age" = "ormcore rows"."age" FROM (SELECT t0."id", t0."age", "ormcore position" FROM unnest($1::bigint[], $2::integer[]) WITH ORDINALITY AS t0 ("id", "age", "ormcore position")) AS "ormcore rows" WHERE "users"."id" = "ormcore rows"."id" RETURNING "users"."id", "users"."name", "users"."email", "users"."age", "users"."created_at", "ormcore position") SELECT "stored"."id", "stored"."age" FROM stored ORDER BY "ormcore position";

-- Comment::delete().key(9).returning(Comment::BODY).maybe(db)
DELETE FROM "comments" WHERE "id" = $1 RETURNING "body";

-- User::update(1).set(User::NAME, "x").set_null(User::AGE).one(db)
UPDATE "users" SET "name" = $1, "age" = $2 WHERE "id" = $3 RETURNING "id", "name", "email", "age", "created_at";

-- User::update(1).patch(patch()).execute(db)
UPDATE "users" SET "age" = $1 WHERE "id" = $2;

-- User::update_many().set(User::AGE, 1).filter(User::POSTS.exists()).all(db)
UPDATE "users" SET "age" = $1 WHERE EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id") RETURNING "id", "name", "email", "age", "created_at";

-- User::update_many().set(User::NAME, User::NAME.concat("!")).all_rows().execute(db)
UPDATE "users" SET "name" = ("name" || $1::text);

-- Comment::delete().filter(Comment::POST.is(Post::PUBLISHED)).execute(db)
DELETE FROM "comments" WHERE EXISTS (SELECT FROM "posts" AS s1 WHERE s1."id" = "comments"."post_id" AND s1."published");

-- User::delete().key(9).execute(db)
DELETE FROM "users" WHERE "id" = $1;

-- Comment::delete().all_rows().execute(db)
DELETE FROM "comments";

-- db.notify("news", "42")
SELECT pg_notify($1, $2);

