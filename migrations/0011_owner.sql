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
  or (status = 'disabled' and disabled_reason in ('failing', 'gone', 'awaiting_approval'));