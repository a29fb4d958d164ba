CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sessions_age` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `sweep_state` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `visitor_keys` (
	`day` integer PRIMARY KEY NOT NULL,
	`key` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `books` ADD `quota_day` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `books` ADD `quota_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `comments` ADD `inbound_id` text;--> statement-breakpoint
ALTER TABLE `comments` ADD `message_ids` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `excerpts_removed_to` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `endpoints_deleted` ON `endpoints` (`excerpts_removed_to`,`id`) WHERE status = 'deleted';--> statement-breakpoint
ALTER TABLE `idempotency_keys` ADD `subject` text;--> statement-breakpoint
CREATE INDEX `idempotency_keys_subject` ON `idempotency_keys` (`subject`) WHERE subject is not null;--> statement-breakpoint
ALTER TABLE `inbound_messages` ADD `copy_of` text;--> statement-breakpoint
CREATE INDEX `inbound_fingerprints` ON `inbound_messages` (`source_id`,`fingerprint`);--> statement-breakpoint
ALTER TABLE `messages` ADD `hops` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `erased_at` integer;--> statement-breakpoint
ALTER TABLE `sources` ADD `daily_quota_mb` integer DEFAULT 50 NOT NULL;--> statement-breakpoint
ALTER TABLE `sources` ADD `quota_day` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sources` ADD `quota_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- Visitor keys were derived from SECRETS_KEY, and no rule used them.
UPDATE `comments` SET `author_key` = NULL WHERE `author_key` IS NOT NULL;--> statement-breakpoint
UPDATE `comments` SET `message_ids` = `about`.`ids`
FROM (
	SELECT json_extract(`payload`, '$.data.comment.id') AS `comment_id`, json_group_array(`id`) AS `ids`
	FROM `messages`
	WHERE `type` IN ('comment.published', 'comment.held', 'comment.updated') AND json_valid(`payload`)
	GROUP BY 1
) AS `about`
WHERE `comments`.`id` = `about`.`comment_id`;--> statement-breakpoint
UPDATE `comments` SET `inbound_id` = `m`.`id`
FROM `inbound_messages` AS `m`
WHERE `m`.`comment_id` = `comments`.`id`;--> statement-breakpoint
-- The URL of a chat channel is a password.
UPDATE `endpoints` SET `url` = '', `headers` = NULL WHERE `status` = 'deleted';--> statement-breakpoint
-- Entries that were deleted before this migration left their text behind.
UPDATE `messages`
SET `payload` = json_remove(`payload`, '$.data.comment.name', '$.data.comment.website', '$.data.comment.body')
WHERE `type` = 'comment.removed' AND json_valid(`payload`);--> statement-breakpoint
UPDATE `messages`
SET `payload` = '', `erased_at` = unixepoch() * 1000, `dispatched_at` = coalesce(`dispatched_at`, unixepoch() * 1000)
WHERE `type` IN ('comment.published', 'comment.held', 'comment.updated')
	AND `audience` IS NULL
	AND json_valid(`payload`)
	AND json_extract(`payload`, '$.data.comment.id') NOT IN (SELECT `id` FROM `comments`);--> statement-breakpoint
UPDATE `deliveries`
SET `status` = 'canceled', `reason` = 'erased', `next_attempt_at` = NULL, `settled_at` = unixepoch() * 1000
WHERE `status` = 'pending' AND `message_id` IN (SELECT `id` FROM `messages` WHERE `erased_at` IS NOT NULL);--> statement-breakpoint
UPDATE `attempts` SET `response_excerpt` = NULL
WHERE `message_id` IN (
	SELECT `id` FROM `messages` WHERE `erased_at` IS NOT NULL OR `type` = 'comment.removed'
);
