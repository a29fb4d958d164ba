ALTER TABLE `comments` ADD `approved_at` integer;--> statement-breakpoint
ALTER TABLE `comments` ADD `known_by` text;
