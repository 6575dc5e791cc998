-- Everybody who was there before has none.

-- UP
ALTER TABLE migrations_people ADD phone_number text;
UPDATE migrations_people SET phone_number = '';
ALTER TABLE migrations_people ALTER phone_number SET NOT NULL;

-- DOWN
ALTER TABLE migrations_people DROP phone_number;
