-- Animal::find().all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE "deleted_at" IS NULL;

-- Animal::find().with_deleted().order_by(Animal::ID).limit(2).all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" ORDER BY "id" LIMIT $1;

-- Animal::find().only_deleted().count(db)
SELECT count(*) FROM "animals" WHERE "deleted_at" IS NOT NULL;

-- Animal::get(1).with_deleted().maybe(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE "id" = $1;

-- Animal::find().filter(Dog::BREED.eq("setter")).all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE ("kind" = 'dog' AND "breed" = $1) AND "deleted_at" IS NULL;

-- Animal::find().filter(Dog::BREED.is_null()).filter(Dog::TRAINED).exists(db)
SELECT EXISTS (SELECT FROM "animals" WHERE ("kind" = 'dog' AND "breed" IS NULL) AND ("kind" = 'dog' AND "trained") AND "deleted_at" IS NULL);

-- Animal::find().filter(older()).count(db)
SELECT count(*) FROM "animals" WHERE (("kind" = 'dog' AND "age" > $1) OR ("kind" = 'cat' AND "lives" < $2)) AND "deleted_at" IS NULL;

-- Animal::find().filter(Dog::AGE.gt(2).among_kinds::<Animal>() & Animal::ID.gt(1)).count(db)
SELECT count(*) FROM "animals" WHERE ("kind" = 'dog' AND "age" > $1 AND "id" > $2) AND "deleted_at" IS NULL;

-- Animal::find().filter(!older()).select(Animal::ID).all(db)
SELECT "id" FROM "animals" WHERE NOT ((("kind" = 'dog' AND "age" > $1) OR ("kind" = 'cat' AND "lives" < $2))) AND "deleted_at" IS NULL;

-- Animal::find().filter(Dog::WALKS.any(Walk::MILES.gt(1))).all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE ("kind" = 'dog' AND EXISTS (SELECT FROM "walks" AS s1 WHERE s1."dog_id" = "animals"."id" AND s1."miles" > $1)) AND "deleted_at" IS NULL;

-- Animal::find().filter(Dog::HELPER.is(Keeper::NAME.eq("Bob"))).all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE ("kind" = 'dog' AND EXISTS (SELECT FROM "keepers" AS s1 WHERE s1."id" = "animals"."helper_id" AND s1."name" = $1)) AND "deleted_at" IS NULL;

-- Animal::find().filter(Animal::KEEPER.is(Keeper::NAME.eq("Ada"))).all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE EXISTS (SELECT FROM "keepers" AS s1 WHERE s1."id" = "animals"."keeper_id" AND s1."name" = $1) AND "deleted_at" IS NULL;

-- Animal::find().select((Animal::ID, Animal::KEEPER.get(Keeper::NAME))).all(db)
SELECT "id", (SELECT s1."name" FROM "keepers" AS s1 WHERE s1."id" = "animals"."keeper_id") FROM "animals" WHERE "deleted_at" IS NULL;

-- Keeper::find().filter(Keeper::ANIMALS.any(Cat::LIVES.eq(7))).all(db)
SELECT "id", "name" FROM "keepers" WHERE EXISTS (SELECT FROM "animals" AS s1 WHERE s1."keeper_id" = "keepers"."id" AND s1."deleted_at" IS NULL AND (s1."kind" = 'cat' AND s1."lives" = $1));

-- Animal::find().with(Animal::KEEPER).all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE "deleted_at" IS NULL;
SELECT "id", "name" FROM "keepers" WHERE "id" = ANY($1);

-- Animal::find().with(Animal::KEEPER.joined()).all(db)
SELECT t0."id", t0."keeper_id", t0."helper_id", t0."age", t0."breed", t0."trained", t0."version", t0."deleted_at", t0."kind", t0."lives", t1."id", t1."name" FROM "animals" AS t0 LEFT JOIN "keepers" AS t1 ON t1."id" = t0."keeper_id" WHERE t0."deleted_at" IS NULL;

-- Animal::find().with(Dog::HELPER).with(Dog::WALKS.limit(1)).all(db)
SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE "deleted_at" IS NULL;
SELECT "id", "name" FROM "keepers" WHERE "id" = ANY($1);
SELECT "id", "dog_id", "walker_id", "miles" FROM (SELECT s1."id", s1."dog_id", s1."walker_id", s1."miles", row_number() OVER (PARTITION BY s1."dog_id") AS "ormcore place" FROM "walks" AS s1 WHERE s1."dog_id" = ANY($1)) AS "walks" WHERE "ormcore place" <= $2 ORDER BY "ormcore place";

-- Animal::find().with(Dog::HELPER.joined()).all(db)
SELECT t0."id", t0."keeper_id", t0."helper_id", t0."age", t0."breed", t0."trained", t0."version", t0."deleted_at", t0."kind", t0."lives", t1."id", t1."name" FROM "animals" AS t0 LEFT JOIN "keepers" AS t1 ON t1."id" = t0."helper_id" AND t0."kind" = 'dog' WHERE t0."deleted_at" IS NULL;

-- Animal::find().with(Dog::HELPER.lateral()).all(db)
SELECT t0."id", t0."keeper_id", t0."helper_id", t0."age", t0."breed", t0."trained", t0."version", t0."deleted_at", t0."kind", t0."lives", t1."id", t1."name" FROM "animals" AS t0 LEFT JOIN LATERAL (SELECT s1."id", s1."name" FROM "keepers" AS s1 WHERE s1."id" = t0."helper_id" AND t0."kind" = 'dog') AS t1 ON TRUE WHERE t0."deleted_at" IS NULL;

-- Animal::find().with(Dog::WALKS.joined()).limit(2).all(db)
SELECT t0."id", t0."keeper_id", t0."helper_id", t0."age", t0."breed", t0."trained", t0."version", t0."deleted_at", t0."kind", t0."lives", t1."id", t1."dog_id", t1."walker_id", t1."miles" FROM (SELECT "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives" FROM "animals" WHERE "deleted_at" IS NULL LIMIT $1) AS t0 LEFT JOIN "walks" AS t1 ON t1."dog_id" = t0."id" AND t0."kind" = 'dog';

-- Animal::find().with(Dog::WALKS.order_by(Walk::MILES).limit(1).joined()).all(db)
SELECT t0."id", t0."keeper_id", t0."helper_id", t0."age", t0."breed", t0."trained", t0."version", t0."deleted_at", t0."kind", t0."lives", t1."id", t1."dog_id", t1."walker_id", t1."miles" FROM "animals" AS t0 LEFT JOIN (SELECT s1."id", s1."dog_id", s1."walker_id", s1."miles", row_number() OVER (PARTITION BY s1."dog_id" ORDER BY s1."miles") AS "ormcore place" FROM "walks" AS s1) AS t1 ON t1."dog_id" = t0."id" AND t0."kind" = 'dog' AND t1."ormcore place" <= $1 WHERE t0."deleted_at" IS NULL ORDER BY t1."ormcore place";

-- Animal::find().with(Dog::WALKERS.joined()).all(db)
SELECT t0."id", t0."keeper_id", t0."helper_id", t0."age", t0."breed", t0."trained", t0."version", t0."deleted_at", t0."kind", t0."lives", t1."id", t1."name" FROM "animals" AS t0 LEFT JOIN ("walks" AS l1 JOIN "keepers" AS t1 ON t1."id" = l1."walker_id") ON l1."dog_id" = t0."id" AND t0."kind" = 'dog' WHERE t0."deleted_at" IS NULL;

-- Animal::find().with(Dog::WALKERS.limit(1).lateral()).all(db)
SELECT t0."id", t0."keeper_id", t0."helper_id", t0."age", t0."breed", t0."trained", t0."version", t0."deleted_at", t0."kind", t0."lives", t1."id", t1."name" FROM "animals" AS t0 LEFT JOIN LATERAL (SELECT s1."id", s1."name" FROM "walks" AS l0 JOIN "keepers" AS s1 ON s1."id" = l0."walker_id" WHERE l0."dog_id" = t0."id" AND t0."kind" = 'dog' LIMIT $1) AS t1 ON TRUE WHERE t0."deleted_at" IS NULL;

-- Keeper::find().with(Keeper::ANIMALS.with(Dog::HELPER.joined()).joined()).all(db)
SELECT t0."id", t0."name", t1."id", t1."keeper_id", t1."helper_id", t1."age", t1."breed", t1."trained", t1."version", t1."deleted_at", t1."kind", t1."lives", t2."id", t2."name" FROM "keepers" AS t0 LEFT JOIN "animals" AS t1 ON t1."keeper_id" = t0."id" AND t1."deleted_at" IS NULL LEFT JOIN "keepers" AS t2 ON t2."id" = t1."helper_id" AND t1."kind" = 'dog';

-- Animal::update(4).version(1).set(Animal::KEEPER_ID, 2).execute(db)
UPDATE "animals" SET "keeper_id" = $1, "version" = "version" + 1 WHERE "id" = $2 AND "version" = $3 AND "deleted_at" IS NULL;

-- Animal::update_many().filter(Dog::BREED.eq("poodle")).set(Animal::KEEPER_ID, 1).all(db)
UPDATE "animals" SET "keeper_id" = $1, "version" = "version" + 1 WHERE ("kind" = 'dog' AND "breed" = $2) AND "deleted_at" IS NULL RETURNING "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives";

-- Animal::update_each(Animal::KEEPER_ID, [(1, 1), (2, 2)]).execute(db)
UPDATE "animals" SET "keeper_id" = "ormcore rows"."keeper_id", "version" = "animals"."version" + 1 FROM (SELECT t0."id", t0."keeper_id" FROM unnest($1::bigint[], $2::bigint[]) AS t0 ("id", "keeper_id")) AS "ormcore rows" WHERE "animals"."id" = "ormcore rows"."id" AND "animals"."deleted_at" IS NULL;

-- Animal::delete().filter(Cat::LIVES.eq(7)).execute(db)
UPDATE "animals" SET "deleted_at" = now(), "version" = "version" + 1 WHERE ("kind" = 'cat' AND "lives" = $1) AND "deleted_at" IS NULL;

-- Animal::restore(4).one(db)
UPDATE "animals" SET "deleted_at" = $1, "version" = "version" + 1 WHERE "id" = $2 AND "deleted_at" IS NOT NULL RETURNING "id", "keeper_id", "helper_id", "age", "breed", "trained", "version", "deleted_at", "kind", "lives";

-- Animal::delete().key(5).hard().execute(db)
DELETE FROM "animals" WHERE "id" = $1;

