CREATE TABLE `webmentions` (
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
CREATE INDEX `webmentions_due` ON `webmentions` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `webmentions_failed` ON `webmentions` (`fetched_at`) WHERE due_at is null and comment_id is null;--> statement-breakpoint
ALTER TABLE `books` ADD `spam` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `min_interval_minutes` integer;