ALTER TABLE `inbound_messages` ADD `token_mark` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `inbound_all_failed` ON `inbound_messages` (`id`) WHERE status = 'failed';