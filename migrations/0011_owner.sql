CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`token_hash` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_token` ON `api_keys` (`token_hash`);--> statement-breakpoint
CREATE TABLE `audit_log` (
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
CREATE TABLE `import_chunks` (
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`import_id`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `imported_records` (
	`id` text PRIMARY KEY NOT NULL,
	`comment_id` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `imports` (
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
CREATE INDEX `imports_running` ON `imports` (`run_at`) WHERE run_at is not null;--> statement-breakpoint
CREATE TABLE `rollups` (
	`span` text NOT NULL,
	`start` integer NOT NULL,
	`counted_to` integer NOT NULL,
	`figures` text NOT NULL,
	PRIMARY KEY(`span`, `start`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `attempts` ADD `response_headers` text;--> statement-breakpoint
ALTER TABLE `attempts` ADD `late_at` integer;--> statement-breakpoint
CREATE INDEX `attempts_late` ON `attempts` (`endpoint_id`,`late_at`) WHERE late_at is not null;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `when` text;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `digest_hour` integer;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `texts` text;--> statement-breakpoint
CREATE INDEX `endpoints_needing` ON `endpoints` (`id`) WHERE (status = 'enabled' and failing_since is not null)
  or (status = 'disabled' and disabled_reason in ('failing', 'gone', 'awaiting_approval'));--> statement-breakpoint
ALTER TABLE `sessions` ADD `last_seen_at` integer;--> statement-breakpoint
ALTER TABLE `sessions` ADD `browser` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `country` text;