-- What each network has stored on the current day, and when a record was imported. Records from before this column count as
-- imported on the day on which it was added: 2026-11-28.
ALTER TABLE `books` ADD `shares` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `imported_records` ADD `imported_at` integer DEFAULT 1795824000000 NOT NULL;
