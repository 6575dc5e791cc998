-- Work::find().with(Work::SHELF).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL;
SELECT "room", "place", "work_id" FROM "shelves" WHERE "work_id" = ANY($1);

-- Work::find().with(Work::SHELF.joined()).all(db)
SELECT t0."id", t0."part_of", t0."title", t0."label", t0."price", t0."weight", t0."tags", t0."notes", t0."pages", t0."gaps", t0."seen_from", t0."published", t0."version", t0."changed", t0."deleted", t1."room", t1."place", t1."work_id" FROM "works" AS t0 LEFT JOIN "shelves" AS t1 ON t1."work_id" = t0."id" WHERE t0."deleted" IS NULL;

-- Work::find().with(Work::READERS).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL;
SELECT t0."id", t0."card", t1."work_id" FROM "readers" AS t0 JOIN "loans" AS t1 ON t1."reader_id" = t0."id" AND t1."work_id" = ANY($1);

-- Work::find().with(Work::READERS.filter(Reader::ID.gt(1)).order_by(Reader::ID).limit(2)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL;
SELECT t0."id", t0."card", t1."work_id" FROM "readers" AS t0 JOIN (SELECT l0."work_id", l0."reader_id", row_number() OVER (PARTITION BY l0."work_id" ORDER BY s1."id") AS "ormcore place" FROM "loans" AS l0 JOIN "readers" AS s1 ON s1."id" = l0."reader_id" WHERE l0."work_id" = ANY($1) AND s1."id" > $2) AS t1 ON t1."reader_id" = t0."id" AND t1."ormcore place" <= $3 ORDER BY t1."ormcore place";

-- Work::find().with(Work::READERS.lateral()).all(db)
SELECT t0."id", t0."part_of", t0."title", t0."label", t0."price", t0."weight", t0."tags", t0."notes", t0."pages", t0."gaps", t0."seen_from", t0."published", t0."version", t0."changed", t0."deleted", t1."id", t1."card" FROM "works" AS t0 LEFT JOIN LATERAL (SELECT s1."id", s1."card" FROM "loans" AS l0 JOIN "readers" AS s1 ON s1."id" = l0."reader_id" WHERE l0."work_id" = t0."id") AS t1 ON TRUE WHERE t0."deleted" IS NULL;

-- Reader::find().with(Reader::WORKS.order_by(Work::TITLE).offset(1).limit(2).lateral()).all(db)
SELECT t0."id", t0."card", t1."id", t1."part_of", t1."title", t1."label", t1."price", t1."weight", t1."tags", t1."notes", t1."pages", t1."gaps", t1."seen_from", t1."published", t1."version", t1."changed", t1."deleted" FROM "readers" AS t0 LEFT JOIN LATERAL (SELECT s1."id", s1."part_of", s1."title", s1."label", s1."price", s1."weight", s1."tags", s1."notes", s1."pages", s1."gaps", s1."seen_from", s1."published", s1."version", s1."changed", s1."deleted" FROM "loans" AS l0 JOIN "works" AS s1 ON s1."id" = l0."work_id" WHERE l0."reader_id" = t0."id" AND s1."deleted" IS NULL ORDER BY s1."title" LIMIT $1 OFFSET $2) AS t1 ON TRUE ORDER BY t1."title";

-- Work::find().with(Work::PARTS.order_by(Work::ID.desc()).limit(1)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL;
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM (SELECT s1."id", s1."part_of", s1."title", s1."label", s1."price", s1."weight", s1."tags", s1."notes", s1."pages", s1."gaps", s1."seen_from", s1."published", s1."version", s1."changed", s1."deleted", row_number() OVER (PARTITION BY s1."part_of" ORDER BY s1."id" DESC) AS "ormcore place" FROM "works" AS s1 WHERE s1."part_of" = ANY($1) AND s1."deleted" IS NULL) AS "works" WHERE "ormcore place" <= $2 ORDER BY "ormcore place";

-- Work::find().with(Work::PARTS.limit(1).lateral().with(Work::SHELF)).all(db)
SELECT t0."id", t0."part_of", t0."title", t0."label", t0."price", t0."weight", t0."tags", t0."notes", t0."pages", t0."gaps", t0."seen_from", t0."published", t0."version", t0."changed", t0."deleted", t1."id", t1."part_of", t1."title", t1."label", t1."price", t1."weight", t1."tags", t1."notes", t1."pages", t1."gaps", t1."seen_from", t1."published", t1."version", t1."changed", t1."deleted" FROM "works" AS t0 LEFT JOIN LATERAL (SELECT s1."id", s1."part_of", s1."title", s1."label", s1."price", s1."weight", s1."tags", s1."notes", s1."pages", s1."gaps", s1."seen_from", s1."published", s1."version", s1."changed", s1."deleted" FROM "works" AS s1 WHERE s1."part_of" = t0."id" AND s1."deleted" IS NULL LIMIT $1) AS t1 ON TRUE WHERE t0."deleted" IS NULL;

-- Work::find().with(Work::WHOLE.joined().with(Work::SHELF.joined())).limit(2).all(db)
SELECT t0."id", t0."part_of", t0."title", t0."label", t0."price", t0."weight", t0."tags", t0."notes", t0."pages", t0."gaps", t0."seen_from", t0."published", t0."version", t0."changed", t0."deleted", t1."id", t1."part_of", t1."title", t1."label", t1."price", t1."weight", t1."tags", t1."notes", t1."pages", t1."gaps", t1."seen_from", t1."published", t1."version", t1."changed", t1."deleted", t2."room", t2."place", t2."work_id" FROM (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL LIMIT $1) AS t0 LEFT JOIN "works" AS t1 ON t1."id" = t0."part_of" AND t1."deleted" IS NULL LEFT JOIN "shelves" AS t2 ON t2."work_id" = t1."id";

-- Work::find().filter(Work::READERS.any(Reader::ID.gt(1)) & Work::READERS.exists()).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (EXISTS (SELECT FROM "loans" AS s1 JOIN "readers" AS s2 ON s2."id" = s1."reader_id" WHERE s1."work_id" = "works"."id" AND s2."id" > $1) AND EXISTS (SELECT FROM "loans" AS s1 JOIN "readers" AS s2 ON s2."id" = s1."reader_id" WHERE s1."work_id" = "works"."id")) AND "deleted" IS NULL;

-- Work::find().filter(Work::READERS.every(Reader::WORKS.exists())).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE NOT (EXISTS (SELECT FROM "loans" AS s1 JOIN "readers" AS s2 ON s2."id" = s1."reader_id" WHERE s1."work_id" = "works"."id" AND (EXISTS (SELECT FROM "loans" AS s3 JOIN "works" AS s4 ON s4."id" = s3."work_id" AND s4."deleted" IS NULL WHERE s3."reader_id" = s2."id")) IS NOT TRUE)) AND "deleted" IS NULL;

-- Work::find().filter(Work::SHELF.is(Shelf::ROOM.eq(1)) | Work::SHELF.missing()).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (EXISTS (SELECT FROM "shelves" AS s1 WHERE s1."work_id" = "works"."id" AND s1."room" = $1) OR NOT (EXISTS (SELECT FROM "shelves" AS s1 WHERE s1."work_id" = "works"."id"))) AND "deleted" IS NULL;

-- Work::find().select((Work::READERS.count(), Work::READERS.aggregate(Reader::ID.max()))).all(db)
SELECT (SELECT count(*) FROM "loans" AS s1 JOIN "readers" AS s2 ON s2."id" = s1."reader_id" WHERE s1."work_id" = "works"."id"), (SELECT max(s2."id") FROM "loans" AS s1 JOIN "readers" AS s2 ON s2."id" = s1."reader_id" WHERE s1."work_id" = "works"."id") FROM "works" WHERE "deleted" IS NULL;

-- Shelf::find().select(Work::find().filter(Work::ID.eq(1)).select(Work::TITLE).scalar::<Shelf>()).all(db)
SELECT (SELECT s1."title" FROM "works" AS s1 WHERE s1."id" = $1 AND s1."deleted" IS NULL) FROM "shelves";

-- work.parts.load(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "part_of" = $1 AND "deleted" IS NULL;

-- work.shelf.load(db)
SELECT "room", "place", "work_id" FROM "shelves" WHERE "work_id" = $1;

-- work.readers.load(db)
SELECT t0."id", t0."card", t1."work_id" FROM "readers" AS t0 JOIN "loans" AS t1 ON t1."reader_id" = t0."id" AND t1."work_id" = $1;

-- Work::READERS.of(&work).add(db, [1])
INSERT INTO "loans" ("work_id", "reader_id") SELECT $1::bigint, given.* FROM unnest($2::integer[]) AS given ON CONFLICT DO NOTHING;

-- Work::READERS.of(&work).set(db, [1])
WITH gone AS (DELETE FROM "loans" WHERE "work_id" = $1 AND ("reader_id") NOT IN (SELECT * FROM unnest($2::integer[]))) INSERT INTO "loans" ("work_id", "reader_id") SELECT $3::bigint, given.* FROM unnest($4::integer[]) AS given ON CONFLICT DO NOTHING;

-- Work::READERS.of(&work).remove(db, [1])
DELETE FROM "loans" WHERE "work_id" = $1 AND ("reader_id") IN (SELECT * FROM unnest($2::integer[]));

-- Work::READERS.of(&work).clear(db)
DELETE FROM "loans" WHERE "work_id" = $1;

-- Work::find().lazy(Lazy::Peers).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL;

-- Shelf::get((1, 1)).one(db)
SELECT "room", "place", "work_id" FROM "shelves" WHERE "room" = $1 AND "place" = $2;

-- Shelf::get((1, 1)).maybe(db)
SELECT "room", "place", "work_id" FROM "shelves" WHERE "room" = $1 AND "place" = $2;

-- Shelf::find().filter(Shelf::PLACE.in_([1])).for_update().maybe(db)
SELECT "room", "place", "work_id" FROM "shelves" WHERE "place" = ANY($1) LIMIT $2 FOR UPDATE;

-- Shelf::find().order_by(Shelf::PLACE).page(1, db)
SELECT "room", "place", "work_id" FROM "shelves" ORDER BY "place", "room" LIMIT $1;

-- by().after(next.clone()).page(1, db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("published" IS NOT NULL OR ("published" IS NULL AND ("title" > $1 OR ("title" = $2 AND "id" > $3)))) AND "deleted" IS NULL ORDER BY "published" DESC, "title", "id" LIMIT $4;

-- by().filter(Work::TITLE.ne("")).after(next).page(1, db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "title" <> $1 AND ("published" IS NOT NULL OR ("published" IS NULL AND ("title" > $2 OR ("title" = $3 AND "id" > $4)))) AND "deleted" IS NULL ORDER BY "published" DESC, "title", "id" LIMIT $5;

-- Work::find().tree(root(), Work::PARTS).order_by(Work::ID).all(db)
WITH RECURSIVE source AS (SELECT "id" FROM "works" WHERE "part_of" IS NULL AND "deleted" IS NULL UNION SELECT s1."id" FROM "works" AS s1 JOIN source ON s1."part_of" = source."id" WHERE s1."deleted" IS NULL) SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("id") IN (SELECT "id" FROM source)) AS "works" WHERE "deleted" IS NULL ORDER BY "id";

-- Work::find().tree(root().limit(1), Work::WHOLE).count(db)
WITH RECURSIVE source AS ((SELECT "id", "part_of" FROM "works" WHERE "part_of" IS NULL AND "deleted" IS NULL LIMIT $1) UNION SELECT s1."id", s1."part_of" FROM "works" AS s1 JOIN source ON s1."id" = source."part_of" WHERE s1."deleted" IS NULL) SELECT count(*) FROM (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("id") IN (SELECT "id" FROM source)) AS "works" WHERE "deleted" IS NULL;

-- Work::find().given(rows, root()).join(rows, rows.col(Work::ID).eq(Work::ID)).all(db)
WITH "chosen" AS (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "part_of" IS NULL AND "deleted" IS NULL) SELECT "works"."id", "works"."part_of", "works"."title", "works"."label", "works"."price", "works"."weight", "works"."tags", "works"."notes", "works"."pages", "works"."gaps", "works"."seen_from", "works"."published", "works"."version", "works"."changed", "works"."deleted" FROM (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL) AS "works" JOIN "chosen" AS "chosen" ON "chosen"."id" = "works"."id";

-- Work::find().given(rows, root()).left_join(rows, rows.col(Work::ID).eq(Work::ID)).left_join(again, again.col(Work::ID).eq(rows.col(Work::ID))).count(db)
WITH "chosen" AS (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "part_of" IS NULL AND "deleted" IS NULL) SELECT count(*) FROM (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL) AS "works" LEFT JOIN "chosen" AS "chosen" ON "chosen"."id" = "works"."id" LEFT JOIN "chosen" AS "others" ON "others"."id" = "chosen"."id";

-- Work::find().given(rows, root()).of_rows(rows).filter(Work::PRICE.gt(Decimal::ONE)).all(db)
WITH "chosen" AS (SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "part_of" IS NULL AND "deleted" IS NULL) SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "chosen" AS "works" WHERE "price" > $1 AND "deleted" IS NULL;

-- Work::find().with_deleted().count(db)
SELECT count(*) FROM "works";

-- Work::find().only_deleted().exists(db)
SELECT EXISTS (SELECT FROM "works" WHERE "deleted" IS NOT NULL);

-- Work::find().first(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL LIMIT $1;

-- Work::find().order_by(random()).limit(1).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL ORDER BY random() LIMIT $1;

-- Work::find().for_each(db, |_| Ok(()))
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE "deleted" IS NULL;

-- counted.count(db)
SELECT count(*) FROM ((SELECT "title", count(*) FROM "works" WHERE "deleted" IS NULL GROUP BY "title")) AS found;

-- sql!("SELECT title FROM works WHERE id = {1_i64} AND title = ANY({vec![String::new()]})").scalars::<String>(db)
SELECT title FROM works WHERE id = $1 AND title = ANY($2);

-- find().filter(notes.field("it's").is_not_null() & notes.field_text("a\\").eq("1")).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (("notes" -> 'it''s') IS NOT NULL AND ("notes" ->> E'a\\') = $1::text) AND "deleted" IS NULL;

-- find().filter(notes.element(0).is_null() & notes.element_text(-1).is_null()).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (("notes" -> $1::integer) IS NULL AND ("notes" ->> $2::integer) IS NULL) AND "deleted" IS NULL;

-- find().filter(notes.path(["a", "0"]).is_null() & notes.path_text(["a"]).ne("2")).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (("notes" #> $1::text[]) IS NULL AND ("notes" #>> $2::text[]) <> $3::text) AND "deleted" IS NULL;

-- find().filter(notes.json_contains(document()) & notes.json_within(document())).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("notes" @> $1::jsonb AND "notes" <@ $2::jsonb) AND "deleted" IS NULL;

-- Reader::find().filter(Reader::CARD.field_text("a").eq("1") & Reader::CARD.has_key("a")).all(db)
SELECT "id", "card" FROM "readers" WHERE ((CAST("card" AS jsonb) ->> 'a') = $1::text AND CAST("card" AS jsonb) ? $2::text);

-- find().filter(notes.has_key("a") & notes.has_any_key(["a"]) & notes.has_all_keys(["a"])).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("notes" ? $1::text AND "notes" ?| $2::text[] AND "notes" ?& $3::text[]) AND "deleted" IS NULL;

-- find().filter(notes.json_path_exists("$.a") & notes.json_path_matches("$.a > 1")).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("notes" @? CAST($1::text AS jsonpath) AND "notes" @@ CAST($2::text AS jsonpath)) AND "deleted" IS NULL;

-- find().filter(tags.has("a") & tags.has_any(words()) & tags.has_all(words()) & tags.is_within(words())).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ($1::text = ANY("tags") AND "tags" && $2::text[] AND "tags" @> $3::text[] AND "tags" <@ $4::text[]) AND "deleted" IS NULL;

-- find().filter(tags.count_elements().gt(1) & tags.in_([words()]) & tags.not_in([words()])).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (cardinality("tags") > $1::integer AND "tags" IN ($2) AND "tags" NOT IN ($3)) AND "deleted" IS NULL;

-- find().filter(pages.covers(1..2) & pages.covered_by(1..2) & pages.overlaps(1..)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("pages" @> $1::int4range AND "pages" <@ $2::int4range AND "pages" && $3::int4range) AND "deleted" IS NULL;

-- find().filter(pages.is_before(9..) & pages.is_after(..1) & pages.is_adjacent_to(9..=9)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("pages" << $1::int4range AND "pages" >> $2::int4range AND "pages" -|- $3::int4range) AND "deleted" IS NULL;

-- find().filter(pages.includes(1) & pages.lower_bound().eq(1) & pages.upper_bound().eq(2)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("pages" @> $1::integer AND lower("pages") = $2::integer AND upper("pages") = $3::integer) AND "deleted" IS NULL;

-- find().filter(pages.joined_with(1..9).eq(1..9) & pages.in_common_with(1..9).is_empty()).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (("pages" + $1::int4range) = $2::int4range AND isempty(("pages" * $3::int4range))) AND "deleted" IS NULL;

-- find().filter(pages.without(1..2).overlaps(Work::GAPS) & Work::ID.cast::<i32>().in_range(1..2)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (("pages" - $1::int4range) && "gaps" AND CAST("id" AS integer) <@ $2::int4range) AND "deleted" IS NULL;

-- find().filter(from.in_network(net) & from.has_address(from) & from.shares_addresses(net)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("seen_from" <<= $1::cidr AND "seen_from" >>= "seen_from" AND "seen_from" && $2::cidr) AND "deleted" IS NULL;

-- find().filter(published.plus(day).gt(early) & published.minus(day).lt(now())).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (CAST(("published" + $1::interval) AS date) > $2::date AND CAST(("published" - $3::interval) AS date) < CAST(now() AS date)) AND "deleted" IS NULL;

-- find().filter(published.since(early).gt(day) & Work::CHANGED.lt(now().plus(day))).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ((CAST("published" AS timestamp) - CAST($1::date AS timestamp)) > $2::interval AND "changed" < CAST((now() + $3::interval) AS timestamptz)) AND "deleted" IS NULL;

-- find().filter(published.part(Unit::Week).eq(1) & published.truncate(Unit::Year).eq(early)).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (CAST(floor(date_part('week', "published")) AS integer) = $1::integer AND CAST(date_trunc('year', "published") AS date) = $2::date) AND "deleted" IS NULL;

-- find().filter(price.round().eq(price.ceil()) & price.floor().eq(price.round_to(1))).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (CAST(round("price") AS numeric) = CAST(ceil("price") AS numeric) AND CAST(floor("price") AS numeric) = CAST(round(CAST("price" AS numeric), $1::integer) AS numeric)) AND "deleted" IS NULL;

-- find().filter(price.sign().eq(price) & price.sqrt().lt(price.power(2.0))).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (CAST(sign("price") AS numeric) = "price" AND sqrt(CAST("price" AS double precision)) < power(CAST("price" AS double precision), $1::double precision)) AND "deleted" IS NULL;

-- find().filter(title.left(1).eq(title.right(1)) & title.pad_left(2, "0").ne(title.split_part(",", 1))).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (left("title", $1::integer) = right("title", $2::integer) AND lpad("title", $3::integer, $4::text) <> split_part("title", $5::text, $6::integer)) AND "deleted" IS NULL;

-- find().filter(title.position("a").eq(1) & title.initcap().ne(title.md5()) & title.replace_matches("a", "b").eq("")).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE (strpos("title", $1::text) = $2::integer AND initcap("title") <> md5("title") AND regexp_replace("title", $3::text, $4::text, 'g') = $5::text) AND "deleted" IS NULL;

-- find().filter(Work::LABEL.eq(Label("x".into())) | Work::LABEL.in_([Label("x".into())])).all(db)
SELECT "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted" FROM "works" WHERE ("label" = $1 OR "label" = ANY($2)) AND "deleted" IS NULL;

-- find().select((row_number().over(window()), percent_rank().over(window()), price.sum().over(window()))).all(db)
SELECT row_number() OVER ( ORDER BY "id"), percent_rank() OVER ( ORDER BY "id"), CAST(sum("price") OVER ( ORDER BY "id") AS numeric) FROM "works" WHERE "deleted" IS NULL;

-- find().select((price.array_agg(), title.string_agg("; "), price.min().filter(Work::ID.gt(1)))).all(db)
SELECT array_agg("price"), string_agg("title", $1::text), min("price") FILTER (WHERE "id" > $2) FROM "works" WHERE "deleted" IS NULL;

-- upsert().do_nothing().maybe(db)
INSERT INTO "works" ("part_of", "title", "label", "price", "tags", "notes", "pages", "gaps", "seen_from", "published") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ("title") WHERE "deleted" IS NULL DO NOTHING RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted";

-- upsert().do_nothing().execute(db)
INSERT INTO "works" ("part_of", "title", "label", "price", "tags", "notes", "pages", "gaps", "seen_from", "published") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ("title") WHERE "deleted" IS NULL DO NOTHING;

-- upsert().update(Work::LABEL).one(db)
INSERT INTO "works" ("part_of", "title", "label", "price", "tags", "notes", "pages", "gaps", "seen_from", "published") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ("title") WHERE "deleted" IS NULL DO UPDATE SET "label" = "excluded"."label", "version" = "works"."version" + 1, "changed" = now() RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted";

-- upsert().update((Work::LABEL, Work::PRICE)).set(Work::WEIGHT, excluded(Work::WEIGHT) * 2.0).execute(db)
INSERT INTO "works" ("part_of", "title", "label", "price", "tags", "notes", "pages", "gaps", "seen_from", "published") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ("title") WHERE "deleted" IS NULL DO UPDATE SET "label" = "excluded"."label", "price" = "excluded"."price", "weight" = ("excluded"."weight" * $11::double precision), "version" = "works"."version" + 1, "changed" = now();

-- upsert().update_all().filter(Work::PRICE.lt(excluded(Work::PRICE))).maybe(db)
INSERT INTO "works" ("part_of", "title", "label", "price", "tags", "notes", "pages", "gaps", "seen_from", "published") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ("title") WHERE "deleted" IS NULL DO UPDATE SET "part_of" = "excluded"."part_of", "label" = "excluded"."label", "price" = "excluded"."price", "weight" = "excluded"."weight", "tags" = "excluded"."tags", "notes" = "excluded"."notes", "pages" = "excluded"."pages", "gaps" = "excluded"."gaps", "seen_from" = "excluded"."seen_from", "published" = "excluded"."published", "version" = "works"."version" + 1, "changed" = now() WHERE "works"."price" < "excluded"."price" RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted";

-- many().update(Work::PRICE).all(db)
WITH input AS MATERIALIZED (SELECT t0."part_of", t0."title", t0."label", t0."price", COALESCE(t0."weight", 1.5) AS "weight", CASE WHEN t0."tags" IS NOT NULL THEN COALESCE(t1.items, '{}') END AS "tags", t0."notes", t0."pages", t0."gaps", t0."seen_from", t0."published", "ormcore position" FROM unnest($1::bigint[], $2::text[], $3::"label"[], $4::numeric[], $5::double precision[], $6::bigint[], $7::jsonb[], $8::int4range[], $9::int4multirange[], $10::inet[], $11::date[]) WITH ORDINALITY AS t0 ("part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "ormcore position") LEFT JOIN (SELECT position, array_agg(item ORDER BY place) AS items FROM unnest($12::text[], $13::bigint[]) WITH ORDINALITY AS item (item, position, place) GROUP BY position) AS t1 ON t1.position = "ormcore position"), stored AS (INSERT INTO "works" ("part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published") SELECT "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published" FROM input ORDER BY "ormcore position" ON CONFLICT ("title") WHERE "deleted" IS NULL DO UPDATE SET "price" = "excluded"."price", "version" = "works"."version" + 1, "changed" = now() RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted") SELECT stored."id", stored."part_of", stored."title", stored."label", stored."price", stored."weight", stored."tags", stored."notes", stored."pages", stored."gaps", stored."seen_from", stored."published", stored."version", stored."changed", stored."deleted" FROM stored LEFT JOIN (SELECT "title", min("ormcore position") AS position FROM input GROUP BY "title") AS input ON stored."title" = input."title" ORDER BY input.position;

-- many().do_nothing().execute(db)
INSERT INTO "works" ("part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published") SELECT t0."part_of", t0."title", t0."label", t0."price", COALESCE(t0."weight", 1.5) AS "weight", CASE WHEN t0."tags" IS NOT NULL THEN COALESCE(t1.items, '{}') END AS "tags", t0."notes", t0."pages", t0."gaps", t0."seen_from", t0."published" FROM unnest($1::bigint[], $2::text[], $3::"label"[], $4::numeric[], $5::double precision[], $6::bigint[], $7::jsonb[], $8::int4range[], $9::int4multirange[], $10::inet[], $11::date[]) WITH ORDINALITY AS t0 ("part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "ormcore position") LEFT JOIN (SELECT position, array_agg(item ORDER BY place) AS items FROM unnest($12::text[], $13::bigint[]) WITH ORDINALITY AS item (item, position, place) GROUP BY position) AS t1 ON t1.position = "ormcore position" ON CONFLICT ("title") WHERE "deleted" IS NULL DO NOTHING;

-- Work::upsert(work("a")).on_constraint("works_title_key").update_all().one(db)
INSERT INTO "works" ("part_of", "title", "label", "price", "tags", "notes", "pages", "gaps", "seen_from", "published") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ON CONSTRAINT "works_title_key" DO UPDATE SET "part_of" = "excluded"."part_of", "title" = "excluded"."title", "label" = "excluded"."label", "price" = "excluded"."price", "weight" = "excluded"."weight", "tags" = "excluded"."tags", "notes" = "excluded"."notes", "pages" = "excluded"."pages", "gaps" = "excluded"."gaps", "seen_from" = "excluded"."seen_from", "published" = "excluded"."published", "version" = "works"."version" + 1, "changed" = now() RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted";

-- Shelf::upsert(shelf(1)).on_conflict((Shelf::ROOM, Shelf::PLACE)).update(Shelf::WORK_ID).maybe(db)
INSERT INTO "shelves" ("room", "place", "work_id") VALUES ($1, $2, $3) ON CONFLICT ("room", "place") DO UPDATE SET "work_id" = "excluded"."work_id" RETURNING "room", "place", "work_id";

-- Work::update_each(Work::PRICE, [(1, Decimal::ONE)]).execute(db)
UPDATE "works" SET "price" = "ormcore rows"."price", "version" = "works"."version" + 1, "changed" = now() FROM (SELECT t0."id", t0."price" FROM unnest($1::bigint[], $2::numeric[]) AS t0 ("id", "price")) AS "ormcore rows" WHERE "works"."id" = "ormcore rows"."id" AND "works"."deleted" IS NULL;

-- Work::update_each((Work::LABEL, Work::TAGS), [(1, (None, vec![]))]).execute(db)
UPDATE "works" SET "label" = "ormcore rows"."label", "tags" = "ormcore rows"."tags", "version" = "works"."version" + 1, "changed" = now() FROM (SELECT t0."id", t0."label", CASE WHEN t0."tags" IS NOT NULL THEN COALESCE(t1.items, '{}') END AS "tags" FROM unnest($1::bigint[], $2::"label"[], $3::bigint[]) WITH ORDINALITY AS t0 ("id", "label", "tags", "ormcore position") LEFT JOIN (SELECT position, array_agg(item ORDER BY place) AS items FROM unnest($4::text[], $5::bigint[]) WITH ORDINALITY AS item (item, position, place) GROUP BY position) AS t1 ON t1.position = "ormcore position") AS "ormcore rows" WHERE "works"."id" = "ormcore rows"."id" AND "works"."deleted" IS NULL;

-- Shelf::update_each(Shelf::WORK_ID, [((1, 1), 1)]).execute(db)
UPDATE "shelves" SET "work_id" = "ormcore rows"."work_id" FROM (SELECT t0."room", t0."place", t0."work_id" FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS t0 ("room", "place", "work_id")) AS "ormcore rows" WHERE "shelves"."room" = "ormcore rows"."room" AND "shelves"."place" = "ormcore rows"."place";

-- Work::update(1).set(Work::PRICE, Work::PRICE + Decimal::ONE).execute(db)
UPDATE "works" SET "price" = ("price" + $1::numeric), "version" = "version" + 1, "changed" = now() WHERE "id" = $2 AND "deleted" IS NULL;

-- Work::update_many().set_null(Work::LABEL).filter(Work::PARTS.exists()).all(db)
UPDATE "works" SET "label" = $1, "version" = "version" + 1, "changed" = now() WHERE EXISTS (SELECT FROM "works" AS s1 WHERE s1."part_of" = "works"."id" AND s1."deleted" IS NULL) AND "deleted" IS NULL RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted";

-- Shelf::update((1, 1)).set(Shelf::WORK_ID, 1).one(db)
UPDATE "shelves" SET "work_id" = $1 WHERE "room" = $2 AND "place" = $3 RETURNING "room", "place", "work_id";

-- Work::delete().key(2).execute(db)
UPDATE "works" SET "deleted" = now(), "version" = "version" + 1, "changed" = now() WHERE "id" = $1 AND "deleted" IS NULL;

-- Work::restore(2).execute(db)
UPDATE "works" SET "deleted" = $1, "version" = "version" + 1, "changed" = now() WHERE "id" = $2 AND "deleted" IS NOT NULL;

-- Work::delete().key(2).hard().one(db)
DELETE FROM "works" WHERE "id" = $1 RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted";

-- Work::delete().filter(Work::ID.gt(9)).all(db)
UPDATE "works" SET "deleted" = now(), "version" = "version" + 1, "changed" = now() WHERE "id" > $1 AND "deleted" IS NULL RETURNING "id", "part_of", "title", "label", "price", "weight", "tags", "notes", "pages", "gaps", "seen_from", "published", "version", "changed", "deleted";

-- Shelf::delete().key((1, 1)).execute(db)
DELETE FROM "shelves" WHERE "room" = $1 AND "place" = $2;

-- Shelf::delete().filter(Shelf::ROOM.eq(9)).all(db)
DELETE FROM "shelves" WHERE "room" = $1 RETURNING "room", "place", "work_id";

-- Shelf::insert_many(vec![shelf(7)]).keys(db)
WITH input AS MATERIALIZED (SELECT t0."room", t0."place", t0."work_id", "ormcore position" FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS t0 ("room", "place", "work_id", "ormcore position")), stored AS (INSERT INTO "shelves" ("room", "place", "work_id") SELECT "room", "place", "work_id" FROM input ORDER BY "ormcore position" RETURNING "room", "place") SELECT array_agg(stored."room"::integer ORDER BY input."ormcore position"), array_agg(stored."place"::bigint ORDER BY input."ormcore position") FROM stored JOIN input ON stored."room" = input."room" AND stored."place" = input."place";

-- Work::copy_in([work("c")]).execute(db)
COPY "works" ("part_of", "title", "label", "price", "tags", "notes", "pages", "gaps", "seen_from", "published") FROM STDIN (FORMAT binary);

