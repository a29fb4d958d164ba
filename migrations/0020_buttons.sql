CREATE TABLE `buttons` (
	`book` text NOT NULL,
	`host` text NOT NULL,
	`comment_id` text NOT NULL,
	`url` text NOT NULL,
	`due_at` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`reason` text,
	`hash` text,
	`content` text,
	PRIMARY KEY(`book`, `host`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `buttons_shown` ON `buttons` (`book`,`comment_id`) WHERE hash is not null;--> statement-breakpoint
CREATE INDEX `buttons_due` ON `buttons` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
ALTER TABLE `books` ADD `wall_version` integer DEFAULT 0 NOT NULL;