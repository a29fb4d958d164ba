CREATE TABLE `event_types` (
	`name` text PRIMARY KEY NOT NULL,
	`description` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`schema` text NOT NULL,
	`example` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`kid` text PRIMARY KEY NOT NULL,
	`public_key` text NOT NULL,
	`created_at` integer NOT NULL,
	`retire_at` integer,
	`seed` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `endpoints` ADD `books` text;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `format` text DEFAULT 'standard' NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `legacy_signature` text;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `headers` text;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `pull_token_hash` text;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `manage_token_hash` text;--> statement-breakpoint
CREATE INDEX `endpoints_sealed` ON `endpoints` (substr(secrets, 1, 8)) WHERE secrets <> '';--> statement-breakpoint
CREATE INDEX `endpoints_managed` ON `endpoints` (`manage_token_hash`) WHERE manage_token_hash is not null;