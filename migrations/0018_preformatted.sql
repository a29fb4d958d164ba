ALTER TABLE `comments` ADD `pre` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `comments` ADD `drawing` text;