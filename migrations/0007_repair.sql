-- Several migrations were edited after databases had been made with them. This one brings each of those databases to
-- the same schema, and changes nothing that is right already. What can be different:
--   0000: no index endpoints_enabled
--   0002: a trigger, from a migration that was withdrawn
--   0004: no table settings, no columns endpoints.pull_token_hash and manage_token_hash, no index endpoints_managed
--   0005: a column body_hash instead of fingerprint, a unique index inbound_repeats, no index sources_deleted, and an
--         index sources_sealed that also contains sources without secrets
--
-- SQLite cannot add a column under a condition. Two tables are therefore copied in every database, even if they are
-- right already. D1 bills about three rows written for each inbound message (bodies are not copied).
--
-- The copy has to read columns that may be missing. In a subquery, a name that is not a column of its own table is
-- looked up in the outer query, so the row `missing` supplies the value of a missing column.
DROP TRIGGER IF EXISTS `comments_count`;--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
DROP INDEX IF EXISTS `sources_sealed`;--> statement-breakpoint
CREATE INDEX `sources_sealed` ON `sources` (substr(secrets, 1, 8)) WHERE secrets <> '';--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `sources_deleted` ON `sources` (`id`) WHERE status = 'deleted';--> statement-breakpoint
ALTER TABLE `endpoints` RENAME TO `endpoints_before`;--> statement-breakpoint
CREATE TABLE `endpoints` (
	`id` text PRIMARY KEY NOT NULL,
	`status` text NOT NULL,
	`disabled_reason` text,
	`url` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`event_types` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`failing_since` integer,
	`consecutive_failures` integer DEFAULT 0 NOT NULL,
	`slow_until` integer,
	`resume_at` integer,
	`probes` integer DEFAULT 0 NOT NULL,
	`secrets` text NOT NULL,
	`breaker` text DEFAULT 'closed' NOT NULL,
	`last_failure_at` integer,
	`warnings` integer DEFAULT 0 NOT NULL,
	`health_rev` text DEFAULT '' NOT NULL,
	`disabled_at` integer,
	`rate_limit` integer DEFAULT 300 NOT NULL,
	`books` text,
	`format` text DEFAULT 'standard' NOT NULL,
	`legacy_signature` text,
	`headers` text,
	`pull_token_hash` text,
	`manage_token_hash` text,
	CONSTRAINT "endpoints_status" CHECK("endpoints"."status" in ('enabled', 'disabled', 'deleted')),
	CONSTRAINT "endpoints_event_types_json" CHECK(json_valid("endpoints"."event_types"))
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `endpoints` (
	`id`, `status`, `disabled_reason`, `url`, `description`, `event_types`, `created_at`, `updated_at`, `failing_since`,
	`consecutive_failures`, `slow_until`, `resume_at`, `probes`, `secrets`, `breaker`, `last_failure_at`, `warnings`,
	`health_rev`, `disabled_at`, `rate_limit`, `books`, `format`, `legacy_signature`, `headers`, `pull_token_hash`,
	`manage_token_hash`
)
SELECT
	`id`, `status`, `disabled_reason`, `url`, `description`, `event_types`, `created_at`, `updated_at`, `failing_since`,
	`consecutive_failures`, `slow_until`, `resume_at`, `probes`, `secrets`, `breaker`, `last_failure_at`, `warnings`,
	`health_rev`, `disabled_at`, `rate_limit`, `books`, `format`, `legacy_signature`, `headers`,
	(SELECT pull_token_hash FROM `endpoints_before` AS `own` WHERE `own`.`id` = `before`.`id`),
	(SELECT manage_token_hash FROM `endpoints_before` AS `own` WHERE `own`.`id` = `before`.`id`)
FROM (SELECT NULL AS `pull_token_hash`, NULL AS `manage_token_hash`) AS `missing`
CROSS JOIN `endpoints_before` AS `before`;--> statement-breakpoint
DROP TABLE `endpoints_before`;--> statement-breakpoint
CREATE INDEX `endpoints_present` ON `endpoints` (`id`) WHERE status <> 'deleted';--> statement-breakpoint
CREATE INDEX `endpoints_enabled` ON `endpoints` (`id`) WHERE status = 'enabled';--> statement-breakpoint
CREATE INDEX `endpoints_sealed` ON `endpoints` (substr(secrets, 1, 8)) WHERE secrets <> '';--> statement-breakpoint
CREATE INDEX `endpoints_managed` ON `endpoints` (`manage_token_hash`) WHERE manage_token_hash is not null;--> statement-breakpoint
CREATE INDEX `endpoints_resuming` ON `endpoints` (`resume_at`) WHERE resume_at is not null;--> statement-breakpoint
ALTER TABLE `inbound_messages` RENAME TO `inbound_messages_before`;--> statement-breakpoint
CREATE TABLE `inbound_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`source_id` text NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`verified` integer,
	`event_type` text,
	`external_id` text,
	`dedupe_key` text,
	`repeats` integer DEFAULT 0 NOT NULL,
	`method` text NOT NULL,
	`size` integer NOT NULL,
	`received_at` integer NOT NULL,
	`processed_at` integer,
	`next_attempt_at` integer,
	`rev` integer DEFAULT 0 NOT NULL,
	`step` integer DEFAULT 0 NOT NULL,
	`message_id` text,
	`comment_id` text,
	`fingerprint` text NOT NULL,
	`sample_key` text,
	`origin` text NOT NULL,
	`query` text NOT NULL,
	`fields` text DEFAULT '{}' NOT NULL,
	`body_prefix` text,
	`log` text DEFAULT '[]' NOT NULL,
	`headers` text NOT NULL,
	`token_mark` text DEFAULT '' NOT NULL,
	CONSTRAINT "inbound_status" CHECK("inbound_messages"."status" in ('new', 'processed', 'failed'))
) WITHOUT ROWID;
--> statement-breakpoint
-- For a request without a signature, body_hash is what fingerprint is today. For a request with a signature, no repeat
-- will have this fingerprint. A repeat of a refused request is then stored and verified again, which is safe.
-- While the column was called body_hash, some refused requests had no dedupe_key. Today, that means a handshake, which
-- is never processed again. So these requests get the key that they would have today.
INSERT INTO `inbound_messages` (
	`id`, `source_id`, `status`, `reason`, `verified`, `event_type`, `external_id`, `dedupe_key`, `repeats`, `method`,
	`size`, `received_at`, `processed_at`, `next_attempt_at`, `rev`, `step`, `message_id`, `comment_id`, `fingerprint`,
	`sample_key`, `origin`, `query`, `fields`, `body_prefix`, `log`, `headers`, `token_mark`
)
SELECT
	`id`, `source_id`, `status`, `reason`, `verified`, `event_type`, `external_id`,
	coalesce(`dedupe_key`, (
		SELECT coalesce('id:' || `own`.`external_id`, 'sha256:' || body_hash)
		FROM `inbound_messages_before` AS `own`
		WHERE `own`.`id` = `before`.`id` AND body_hash IS NOT NULL
			AND `own`.`reason` IS NOT 'bad_token' AND coalesce(`own`.`event_type`, '') NOT LIKE 'handshake: %'
	)),
	`repeats`, `method`, `size`, `received_at`, `processed_at`, `next_attempt_at`, `rev`, `step`, `message_id`,
	`comment_id`,
	(SELECT coalesce(fingerprint, body_hash) FROM `inbound_messages_before` AS `own` WHERE `own`.`id` = `before`.`id`),
	`sample_key`, `origin`, `query`, `fields`, `body_prefix`, `log`, `headers`, `token_mark`
FROM (SELECT NULL AS `fingerprint`, NULL AS `body_hash`) AS `missing`
CROSS JOIN `inbound_messages_before` AS `before`;--> statement-breakpoint
DROP TABLE `inbound_messages_before`;--> statement-breakpoint
CREATE INDEX `inbound_of_source` ON `inbound_messages` (`source_id`,`id`);--> statement-breakpoint
CREATE INDEX `inbound_repeats` ON `inbound_messages` (`source_id`,`dedupe_key`) WHERE dedupe_key is not null;--> statement-breakpoint
CREATE INDEX `inbound_due` ON `inbound_messages` (`next_attempt_at`) WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX `inbound_parked` ON `inbound_messages` (`source_id`,`id`) WHERE status = 'new' and next_attempt_at is null;--> statement-breakpoint
CREATE INDEX `inbound_failed` ON `inbound_messages` (`source_id`,`id`) WHERE status = 'failed';--> statement-breakpoint
CREATE INDEX `inbound_all_failed` ON `inbound_messages` (`id`) WHERE status = 'failed';
