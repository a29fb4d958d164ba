ALTER TABLE `endpoints` ADD `when` text;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `digest_hour` integer;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `texts` text;