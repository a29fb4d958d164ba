DROP INDEX `messages_undispatched`;--> statement-breakpoint
ALTER TABLE `messages` ADD `wake_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `messages_waking` ON `messages` (wake_at) WHERE dispatched_at is null;