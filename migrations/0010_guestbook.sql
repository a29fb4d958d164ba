ALTER TABLE `books` ADD `spam` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `min_interval_minutes` integer;