ALTER TABLE `books` ADD `sent_forms` text DEFAULT '{}' NOT NULL;
