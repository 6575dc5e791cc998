-- Leaf::find().filter(size.ge(1).and(size.le(2)).or(Leaf::NAME.like("a%")) & Leaf::NAME.ilike("A%")).all(db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE ((("size" >= $1 AND "size" <= $2) OR "name" LIKE $3) AND "name" ILIKE $4);

-- Leaf::find().filter(Leaf::SPOTS.json_length().gt(1) & Expression::<Leaf, i32>::value(1).eq(size)).all(db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE (jsonb_array_length("spots") > $1::integer AND $2::integer = "size");

-- Leaf::find().filter(Expression::from(Leaf::NAME).nullable().is_null()).exists(db)
SELECT EXISTS (SELECT FROM "leaves" WHERE "name" IS NULL);

-- Leaf::find().order_by(size.asc().nulls_first()).order_by(fragment!("random()")).all(db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" ORDER BY "size" NULLS FIRST, (random());

-- Leaf::find().stream(db).next_chunk(9)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves";

-- Leaf::find().select(Leaf::NAME).stream(db).next_chunk(9)
SELECT "name" FROM "leaves";

-- Twig::find().filter(Twig::ID.eq(1)).for_update().referrers(entities![Leaf], db)
WITH source AS (SELECT "id" FROM "twigs" WHERE "id" = $1 FOR UPDATE) SELECT (SELECT count(*) FROM "leaves" AS s1 WHERE s1."twig_id" IN (SELECT "id" FROM source));

-- Plot::find().scope(1).all(db)
SELECT "id", "garden", "crop" FROM "plots" WHERE "garden" = $1;

-- Plot::find().all_scopes().order_by(Plot::CROP).all(db)
SELECT "id", "garden", "crop" FROM "plots" ORDER BY "crop";

-- Plot::get(1).scope(1).maybe(db)
SELECT "id", "garden", "crop" FROM "plots" WHERE "id" = $1 AND "garden" = $2;

-- sql("SELECT 1 AS one").idempotent().summary("one").execute(db)
SELECT 1 AS one;

-- sql("SELECT 2 AS two").batch(db)
SELECT 2 AS two;

-- Leaf::find().select((name, size)).rows::<Named>().all(db)
SELECT "name", "size" FROM "leaves";

-- Leaf::find().select(case::<Leaf, i32>().when(size.gt(1), 2).or_null()).all(db)
SELECT CASE WHEN "size" > $1 THEN $2::integer END FROM "leaves";

-- Leaf::find().select(fragment!("{name} || {name}").as_::<String>()).all(db)
SELECT ("name" || "name") FROM "leaves";

-- Leaf::find().select(count()).group_by(fragment!("ROLLUP ({name}, {size})")).all(db)
SELECT count(*) FROM "leaves" GROUP BY ROLLUP ("name", "size");

-- Leaf::find().select(name).distinct_on(fragment!("{size} % {2}")).all(db)
SELECT DISTINCT ON (("size" % $1::integer)) "name" FROM "leaves";

-- Leaf::find().select(cume_dist().over(Window::new().partition_by(size).order_by(name))).all(db)
SELECT cume_dist() OVER (PARTITION BY "size" ORDER BY "name") FROM "leaves";

-- Leaf::find().select((size.lag_or(1, 0).over(by_size()), size.lead_or(2, size).over(by_size()))).all(db)
SELECT lag("size", $1::integer, $2::integer) OVER ( ORDER BY "size"), lead("size", $3::integer, "size") OVER ( ORDER BY "size") FROM "leaves";

-- Leaf::find().select(name.nth_value(2).over(by_size().all_rows())).all(db)
SELECT nth_value("name", $1::integer) OVER ( ORDER BY "size" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM "leaves";

-- Leaf::find().select(size.sum().over(by_size().rows_between(Edge::Before(1), Edge::After(2)))).all(db)
SELECT CAST(sum("size") OVER ( ORDER BY "size" ROWS BETWEEN $1::bigint PRECEDING AND $2::bigint FOLLOWING) AS bigint) FROM "leaves";

-- Leaf::find().select(size.sum().over(by_size().range_between(Edge::<i32>::Start, Edge::Current))).all(db)
SELECT CAST(sum("size") OVER ( ORDER BY "size" RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS bigint) FROM "leaves";

-- Leaf::find().select(size.sum().over(by_size().range_between(Edge::Before(1), Edge::End))).all(db)
SELECT CAST(sum("size") OVER ( ORDER BY "size" RANGE BETWEEN $1::integer PRECEDING AND UNBOUNDED FOLLOWING) AS bigint) FROM "leaves";

-- Leaf::find().join(other.again("third"), other.again("third").col(Leaf::ID).eq(Leaf::ID)).count(db)
SELECT count(*) FROM "leaves" JOIN "leaves" AS "third" ON "third"."id" = "leaves"."id";

-- Leaf::find().given_as(sums, columns, counted()).join(sums, sums.col(Sum::NAME).eq(Leaf::NAME)).all(db)
WITH "sums" ("name", "leaves") AS (SELECT "name", count(*) FROM "leaves" GROUP BY "name") SELECT "leaves"."id", "leaves"."twig_id", "leaves"."name", "leaves"."size", "leaves"."spots", "leaves"."fallen", "leaves"."version", "leaves"."changed" FROM "leaves" JOIN "sums" AS "sums" ON "sums"."name" = "leaves"."name";

-- Sum::find().given_as(sums, columns, counted()).of_rows(sums).filter(Sum::LEAVES.gt(1)).all(db)
WITH "sums" ("name", "leaves") AS (SELECT "name", count(*) FROM "leaves" GROUP BY "name") SELECT "name", "leaves" FROM "sums" AS "sums" WHERE "leaves" > $1;

-- Sum::find().given_as(sums, columns, single().union(single())).of_rows(sums).count(db)
WITH "sums" ("name", "leaves") AS ((SELECT s1."name", s1."id" FROM "leaves" AS s1) UNION (SELECT s1."name", s1."id" FROM "leaves" AS s1)) SELECT count(*) FROM "sums" AS "sums";

-- Sum::find().given_as(sums, columns, fragment!("SELECT 'a', {1_i64}")).of_rows(sums).select(Sum::LEAVES.max()).all(db)
WITH RECURSIVE "sums" ("name", "leaves") AS (SELECT 'a', $1::bigint) SELECT max("leaves") FROM "sums" AS "sums";

-- mixed().after(after_mixed).page(1, db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE ("fallen" < $1 OR ("fallen" = $2 AND ("name" > $3 OR ("name" = $4 AND "id" > $5)))) ORDER BY "fallen" DESC, "name", "id" LIMIT $6;

-- nullable().after(after_nullable).page(1, db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE ("size" < $1 OR "size" IS NULL OR ("size" = $2 AND "id" > $3)) ORDER BY "size" DESC NULLS LAST, "id" LIMIT $4;

-- first().after(after_null).page(1, db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE ("twig_id" IS NOT NULL OR ("twig_id" IS NULL AND "id" > $1)) ORDER BY "twig_id" NULLS FIRST, "id" LIMIT $2;

-- down().after(after_down).page(1, db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE ("name", "id") < ($1, $2) ORDER BY "name" DESC, "id" DESC LIMIT $3;

-- Twig::find().with(Twig::LEAVES).all(db)
SELECT "id", "length" FROM "twigs";
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE "twig_id" = ANY($1) AND NOT ("fallen" = $2);

-- Twig::find().with(Twig::LEAVES.joined()).all(db)
SELECT t0."id", t0."length", t1."id", t1."twig_id", t1."name", t1."size", t1."spots", t1."fallen", t1."version", t1."changed" FROM "twigs" AS t0 LEFT JOIN "leaves" AS t1 ON t1."twig_id" = t0."id" AND NOT (t1."fallen" = $1);

-- Twig::find().with(Twig::LEAVES.order_by(Leaf::ID).limit(1)).all(db)
SELECT "id", "length" FROM "twigs";
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM (SELECT s1."id", s1."twig_id", s1."name", s1."size", s1."spots", s1."fallen", s1."version", s1."changed", row_number() OVER (PARTITION BY s1."twig_id" ORDER BY s1."id") AS "ormcore place" FROM "leaves" AS s1 WHERE s1."twig_id" = ANY($1) AND NOT (s1."fallen" = $2)) AS "leaves" WHERE "ormcore place" <= $3 ORDER BY "ormcore place";

-- Twig::find().with(Twig::BIRDS.joined()).all(db)
SELECT t0."id", t0."length", t1."id", t1."song" FROM "twigs" AS t0 LEFT JOIN ("perches" AS l1 JOIN "birds" AS t1 ON t1."id" = l1."bird_id") ON l1."twig_id" = t0."id" AND t1."song" IS NOT NULL;

-- Twig::find().with(Twig::BIRDS.limit(1).lateral()).all(db)
SELECT t0."id", t0."length", t1."id", t1."song" FROM "twigs" AS t0 LEFT JOIN LATERAL (SELECT s1."id", s1."song" FROM "perches" AS l0 JOIN "birds" AS s1 ON s1."id" = l0."bird_id" WHERE l0."twig_id" = t0."id" AND s1."song" IS NOT NULL LIMIT $1) AS t1 ON TRUE;

-- Twig::find().filter(Twig::LEAVES.exists() & Twig::BIRDS.any(Bird::ID.gt(1))).all(db)
SELECT "id", "length" FROM "twigs" WHERE (EXISTS (SELECT FROM "leaves" AS s1 WHERE s1."twig_id" = "twigs"."id" AND NOT (s1."fallen" = $1)) AND EXISTS (SELECT FROM "perches" AS s1 JOIN "birds" AS s2 ON s2."id" = s1."bird_id" WHERE s1."twig_id" = "twigs"."id" AND s2."song" IS NOT NULL AND s2."id" > $2));

-- twig.leaves.load(db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE "twig_id" = $1 AND NOT ("fallen" = $2);

-- Twig::BIRDS.of(&twig).add(db, [1])
INSERT INTO "perches" ("twig_id", "bird_id") SELECT $1::bigint, given.* FROM unnest($2::bigint[]) AS given ON CONFLICT DO NOTHING;

-- Twig::BIRDS.of_key(&1).set(db, [1])
WITH gone AS (DELETE FROM "perches" WHERE "twig_id" = $1 AND ("bird_id") NOT IN (SELECT * FROM unnest($2::bigint[]))) INSERT INTO "perches" ("twig_id", "bird_id") SELECT $3::bigint, given.* FROM unnest($4::bigint[]) AS given ON CONFLICT DO NOTHING;

-- Twig::BIRDS.of_key(&1).remove(db, [1])
DELETE FROM "perches" WHERE "twig_id" = $1 AND ("bird_id") IN (SELECT * FROM unnest($2::bigint[]));

-- Twig::BIRDS.of_key(&1).clear(db)
DELETE FROM "perches" WHERE "twig_id" = $1;

-- Twig::NESTS.of_key(&1).with_value(Nest::EGGS, 3).add(db, [1])
INSERT INTO "nests" ("twig_id", "bird_id", "eggs") SELECT $1::bigint, given.*, CAST($2 AS integer) FROM unnest($3::bigint[]) AS given ON CONFLICT DO NOTHING;

-- Leaf::update(1).version(1).set(Leaf::SIZE, 2).one(db)
UPDATE "leaves" SET "size" = $1, "version" = "version" + 1, "changed" = now() WHERE "id" = $2 AND "version" = $3 RETURNING "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed";

-- Leaf::update(1).version(2).patch(patch()).execute(db)
UPDATE "leaves" SET "size" = $1, "version" = "version" + 1, "changed" = now() WHERE "id" = $2 AND "version" = $3;

-- Leaf::update(1).version(3).patch(LeafPatch::default()).one(db)
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE "id" = $1 AND "version" = $2;

-- Leaf::update(1).version(3).set(Leaf::SIZE, 2).returning(Leaf::VERSION).one(db)
UPDATE "leaves" SET "size" = $1, "version" = "version" + 1, "changed" = now() WHERE "id" = $2 AND "version" = $3 RETURNING "version";

-- Leaf::update(1).set(Leaf::SIZE, fragment!("{Leaf::SIZE} + {1}").as_::<Option<i32>>()).execute(db)
UPDATE "leaves" SET "size" = ("size" + $1::integer), "version" = "version" + 1, "changed" = now() WHERE "id" = $2;

-- Leaf::update_each(Leaf::SIZE, [(1, None)]).filter(Leaf::VERSION.gt(1)).execute(db)
UPDATE "leaves" SET "size" = "ormcore rows"."size", "version" = "leaves"."version" + 1, "changed" = now() FROM (SELECT t0."id", t0."size" FROM unnest($1::bigint[], $2::integer[]) AS t0 ("id", "size")) AS "ormcore rows" WHERE "leaves"."id" = "ormcore rows"."id" AND "leaves"."version" > $3;

-- Leaf::delete().key(2).version(1).execute(db)
DELETE FROM "leaves" WHERE "id" = $1 AND "version" = $2;

-- Leaf::delete().key(3).version(1).one(db)
DELETE FROM "leaves" WHERE "id" = $1 AND "version" = $2 RETURNING "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed";

-- Plot::insert(plot("peas")).scope(1).one(db)
INSERT INTO "plots" ("crop", "garden") VALUES ($1, $2) RETURNING "id", "garden", "crop";

-- Plot::insert_many(vec![plot("corn")]).scope(1).keys(db)
WITH input AS MATERIALIZED (SELECT array_agg(nextval((SELECT pg_get_serial_sequence('"plots"', 'id')::regclass))) AS "id" FROM generate_series(1, $1::bigint)), stored AS (INSERT INTO "plots" ("id", "crop", "garden") OVERRIDING SYSTEM VALUE SELECT t0."id", t0."crop", t0."garden" FROM input CROSS JOIN unnest("input"."id", $2::text[], $3::integer[]) AS t0 ("id", "crop", "garden") RETURNING "id") SELECT "input"."id"::bigint[] FROM input WHERE (SELECT count(*) FROM stored JOIN unnest("input"."id") AS made ON made = stored."id") = cardinality("input"."id");

-- Plot::copy_in([plot("rice")]).scope(1).execute(db)
COPY "plots" ("crop", "garden") FROM STDIN (FORMAT binary);

-- Plot::upsert(plot("peas")).scope(1).on_conflict(Plot::CROP).update_all().one(db)
INSERT INTO "plots" ("crop", "garden") VALUES ($1, $2) ON CONFLICT ("crop", "garden") DO UPDATE SET "id" = "plots"."id" WHERE "plots"."garden" = $3 RETURNING "id", "garden", "crop";

-- Plot::update(1).scope(1).set(Plot::CROP, "beans").execute(db)
UPDATE "plots" SET "crop" = $1 WHERE "id" = $2 AND "garden" = $3;

-- Plot::update_many().all_scopes().all_rows().set(Plot::CROP, Plot::CROP.upper()).execute(db)
UPDATE "plots" SET "crop" = upper("crop");

-- Plot::delete().key(1).scope(1).execute(db)
DELETE FROM "plots" WHERE "id" = $1 AND "garden" = $2;

-- flushed(db, async |s| { s.add(leaf("one")); Ok(()) })
INSERT INTO "leaves" ("twig_id", "name", "size", "spots", "fallen") VALUES ($1, $2, $3, $4, $5) RETURNING "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed";

-- flushed(db, async |s| { s.add(leaf("one")); s.add(leaf("two")); Ok(()) })
WITH input AS MATERIALIZED (SELECT nextval((SELECT pg_get_serial_sequence('"leaves"', 'id')::regclass)) AS "id", t0."twig_id", t0."name", t0."size", t0."spots", t0."fallen", "ormcore position" FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::jsonb[], $5::boolean[]) WITH ORDINALITY AS t0 ("twig_id", "name", "size", "spots", "fallen", "ormcore position")), stored AS (INSERT INTO "leaves" ("id", "twig_id", "name", "size", "spots", "fallen") OVERRIDING SYSTEM VALUE SELECT "id", "twig_id", "name", "size", "spots", "fallen" FROM input ORDER BY "ormcore position" RETURNING "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed") SELECT stored."id", stored."twig_id", stored."name", stored."size", stored."spots", stored."fallen", stored."version", stored."changed" FROM stored JOIN input ON stored."id" = input."id" ORDER BY input."ormcore position";

-- flushed(db, async |s| { let twig = s.add(NewTwig { length: 1 }); let twig_id = Some(s.key(twig)); s.add(NewLeaf { twig_id, ..leaf("three") }); Ok(()) })
INSERT INTO "twigs" ("length") VALUES ($1) RETURNING "id", "length";
INSERT INTO "leaves" ("twig_id", "name", "size", "spots", "fallen") VALUES ($1, $2, $3, $4, $5) RETURNING "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed";

-- flushed(db, async |s| { let one = s.one(all().limit(1)).await?; s[one].size = Some(7); Ok(()) })
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" ORDER BY "id" LIMIT $1;
UPDATE "leaves" SET "size" = "ormcore rows"."size", "version" = "leaves"."version" + 1, "changed" = now() FROM (SELECT t0."id", t0."version", t0."size" FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS t0 ("id", "version", "size")) AS "ormcore rows" WHERE "leaves"."id" = "ormcore rows"."id" AND "leaves"."version" = "ormcore rows"."version" RETURNING "leaves"."id", "leaves"."version", "leaves"."changed";

-- flushed(db, async |s| { for leaf in s.all(all()).await? { s[leaf].size = Some(8); } Ok(()) })
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" ORDER BY "id";
UPDATE "leaves" SET "size" = "ormcore rows"."size", "version" = "leaves"."version" + 1, "changed" = now() FROM (SELECT t0."id", t0."version", t0."size" FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS t0 ("id", "version", "size")) AS "ormcore rows" WHERE "leaves"."id" = "ormcore rows"."id" AND "leaves"."version" = "ormcore rows"."version" RETURNING "leaves"."id", "leaves"."version", "leaves"."changed";

-- flushed(db, async |s| { let one = s.one(all().limit(1)).await?; s.remove(one); Ok(()) })
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" ORDER BY "id" LIMIT $1;
DELETE FROM "leaves" WHERE ("id", "version") IN (SELECT * FROM unnest($1::bigint[], $2::integer[])) RETURNING "id";

-- flushed(db, async |s| { for leaf in s.all(all().limit(2)).await? { s.remove(leaf); } Ok(()) })
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" ORDER BY "id" LIMIT $1;
DELETE FROM "leaves" WHERE ("id", "version") IN (SELECT * FROM unnest($1::bigint[], $2::integer[])) RETURNING "id";

-- flushed(db, async |s| { let twig = s.get::<Twig>(1).await?; let bird = s.get::<Bird>(1).await?; s.connect(twig, Twig::BIRDS, bird) })
SELECT "id", "length" FROM "twigs" WHERE "id" = $1;
SELECT "id", "song" FROM "birds" WHERE "id" = $1;
INSERT INTO "perches" ("twig_id", "bird_id") SELECT given.* FROM unnest($1::bigint[], $2::bigint[]) AS given ON CONFLICT DO NOTHING;

-- flushed(db, async |s| { let twig = s.get::<Twig>(1).await?; s.load(twig, Twig::BIRDS).await?; s.load(twig, Twig::LEAVES).await })
SELECT "id", "length" FROM "twigs" WHERE "id" = $1;
SELECT t0."id", t0."song", t1."twig_id" FROM "birds" AS t0 JOIN "perches" AS t1 ON t1."bird_id" = t0."id" AND t1."twig_id" = ANY($1) WHERE t0."song" IS NOT NULL;
SELECT "id", "twig_id", "name", "size", "spots", "fallen", "version", "changed" FROM "leaves" WHERE "twig_id" = ANY($1) AND NOT ("fallen" = $2);

