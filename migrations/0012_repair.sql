-- Migrations 0010 and 0011 were edited after databases had been made with them. This migration adds the tables and
-- indexes that such a database may not have, and changes nothing that is right already.
--
-- SQLite cannot add a column under a condition, and a copy of the table `attempts` could cost more rows than D1 allows
-- on a day. The last statements therefore fail if a column is missing, with "no such column". If you see this error,
-- or "duplicate column name" from 0010_guestbook.sql, run `npm run deploy`, or `npm start` for a database on this
-- machine. Both recognize these databases, add what is missing and try again: see scripts/lib/edited-migrations.mjs.
CREATE TABLE IF NOT EXISTS `webmentions` (
	`source` text NOT NULL,
	`target` text NOT NULL,
	`book` text NOT NULL,
	`comment_id` text,
	`received_at` integer NOT NULL,
	`fetched_at` integer,
	`due_at` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`reason` text,
	PRIMARY KEY(`source`, `target`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `webmentions_due` ON `webmentions` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `webmentions_failed` ON `webmentions` (`fetched_at`) WHERE due_at is null and comment_id is null;--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`token_hash` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS `api_keys_token` ON `api_keys` (`token_hash`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `audit_log` (
	`id` text PRIMARY KEY NOT NULL,
	`act` text NOT NULL,
	`actor` text NOT NULL,
	`actor_name` text,
	`subject` text,
	`created_at` integer NOT NULL,
	`browser` text NOT NULL,
	`country` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `import_chunks` (
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`import_id`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `imported_records` (
	`id` text PRIMARY KEY NOT NULL,
	`comment_id` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`format` text NOT NULL,
	`book` text NOT NULL,
	`dry_run` integer NOT NULL,
	`webhooks` integer NOT NULL,
	`origin` text NOT NULL,
	`size` integer NOT NULL,
	`position` integer DEFAULT 0 NOT NULL,
	`rev` text NOT NULL,
	`created_at` integer NOT NULL,
	`finished_at` integer,
	`run_at` integer,
	`report` text DEFAULT '{}' NOT NULL,
	`parser` text DEFAULT '{}' NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `imports_running` ON `imports` (`run_at`) WHERE run_at is not null;--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rollups` (
	`span` text NOT NULL,
	`start` integer NOT NULL,
	`counted_to` integer NOT NULL,
	`figures` text NOT NULL,
	PRIMARY KEY(`span`, `start`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `endpoints_needing` ON `endpoints` (`id`) WHERE (status = 'enabled' and failing_since is not null)
  or (status = 'disabled' and disabled_reason in ('failing', 'gone', 'awaiting_approval'));--> statement-breakpoint
-- Migration 0008 was edited, too: the index had other columns.
DROP INDEX IF EXISTS `endpoints_deleted`;--> statement-breakpoint
CREATE INDEX `endpoints_deleted` ON `endpoints` (`excerpts_removed_to`,`id`) WHERE status = 'deleted';--> statement-breakpoint
SELECT `when`, `digest_hour`, `texts`, `min_interval_minutes` FROM `endpoints` WHERE false;--> statement-breakpoint
SELECT `browser`, `country`, `last_seen_at` FROM `sessions` WHERE false;--> statement-breakpoint
SELECT `spam` FROM `books` WHERE false;--> statement-breakpoint
SELECT `response_headers` FROM `attempts` WHERE false;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `attempts_late` ON `attempts` (`endpoint_id`,`late_at`) WHERE late_at is not null;
