ALTER TABLE `endpoints` ADD `breaker` text DEFAULT 'closed' NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `last_failure_at` integer;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `warnings` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `health_rev` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `disabled_at` integer;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `rate_limit` integer DEFAULT 300 NOT NULL;--> statement-breakpoint
ALTER TABLE `messages` ADD `book` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `about` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `audience` text;