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
CREATE INDEX `imports_running` ON `imports` (`run_at`) WHERE run_at is not null;