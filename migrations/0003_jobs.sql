CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`endpoint_id` text NOT NULL,
	`only` text NOT NULL,
	`since` integer NOT NULL,
	`until` integer NOT NULL,
	`event_types` text,
	`counted` integer NOT NULL,
	`counted_all` integer NOT NULL,
	`done` integer DEFAULT 0 NOT NULL,
	`cursor` text NOT NULL,
	`created_at` integer NOT NULL,
	`finished_at` integer,
	`run_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `jobs_running` ON `jobs` (`run_at`) WHERE run_at is not null;