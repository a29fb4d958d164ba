DROP INDEX `comments_held`;--> statement-breakpoint
DROP INDEX `comments_published`;--> statement-breakpoint
ALTER TABLE `comments` ADD `is_private` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `comments` ADD `answers` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `comments` ADD `reply` text;--> statement-breakpoint
ALTER TABLE `comments` ADD `replied_at` integer;--> statement-breakpoint
ALTER TABLE `comments` ADD `edited_by` text;--> statement-breakpoint
ALTER TABLE `comments` ADD `extra` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX `comments_of_book` ON `comments` (`book`,`status`,`id`);--> statement-breakpoint
ALTER TABLE `books` ADD `published_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `books` ADD `version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `books` ADD `deleted_at` integer;--> statement-breakpoint
UPDATE `comments` SET `edited_by` = 'owner' WHERE `edited_at` IS NOT NULL;--> statement-breakpoint
-- A guestbook that is in use keeps publishing entries at once. In a new one, the first entry of each guest waits.
UPDATE `books` SET
	`published_count` = (SELECT count(*) FROM `comments` WHERE `book` = `books`.`slug` AND `status` = 'published'),
	`settings` = json_set(`settings`, '$.moderation', 'none')
WHERE `comment_count` > 0;
