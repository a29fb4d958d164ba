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