CREATE TABLE `inbound_chunks` (
	`message_id` text NOT NULL,
	`number` integer NOT NULL,
	`encoding` text NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`message_id`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `inbound_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`source_id` text NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`verified` integer,
	`event_type` text,
	`external_id` text,
	`dedupe_key` text,
	`repeats` integer DEFAULT 0 NOT NULL,
	`method` text NOT NULL,
	`size` integer NOT NULL,
	`received_at` integer NOT NULL,
	`processed_at` integer,
	`next_attempt_at` integer,
	`rev` integer DEFAULT 0 NOT NULL,
	`step` integer DEFAULT 0 NOT NULL,
	`message_id` text,
	`comment_id` text,
	`fingerprint` text NOT NULL,
	`sample_key` text,
	`origin` text NOT NULL,
	`query` text NOT NULL,
	`fields` text DEFAULT '{}' NOT NULL,
	`body_prefix` text,
	`log` text DEFAULT '[]' NOT NULL,
	`headers` text NOT NULL,
	CONSTRAINT "inbound_status" CHECK("inbound_messages"."status" in ('new', 'processed', 'failed'))
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `inbound_of_source` ON `inbound_messages` (`source_id`,`id`);--> statement-breakpoint
CREATE INDEX `inbound_repeats` ON `inbound_messages` (`source_id`,`dedupe_key`) WHERE dedupe_key is not null;--> statement-breakpoint
CREATE INDEX `inbound_due` ON `inbound_messages` (`next_attempt_at`) WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX `inbound_parked` ON `inbound_messages` (`source_id`,`id`) WHERE status = 'new' and next_attempt_at is null;--> statement-breakpoint
CREATE INDEX `inbound_failed` ON `inbound_messages` (`source_id`,`id`) WHERE status = 'failed';--> statement-breakpoint
CREATE TABLE `sources` (
	`id` text PRIMARY KEY NOT NULL,
	`status` text NOT NULL,
	`provider` text NOT NULL,
	`name` text NOT NULL,
	`act` text NOT NULL,
	`strict` integer DEFAULT 0 NOT NULL,
	`retention_days` integer NOT NULL,
	`body_retention_days` integer,
	`bodies_removed_to` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`token_hash` text,
	`secrets` text NOT NULL,
	`options` text DEFAULT '{}' NOT NULL,
	`fields` text DEFAULT '[]' NOT NULL,
	`template` text,
	CONSTRAINT "sources_status" CHECK("sources"."status" in ('active', 'paused', 'deleted')),
	CONSTRAINT "sources_act" CHECK("sources"."act" in ('keep', 'publish', 'sign')),
	CONSTRAINT "sources_options_json" CHECK(json_valid("sources"."options"))
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sources_token` ON `sources` (`token_hash`) WHERE token_hash is not null;--> statement-breakpoint
CREATE INDEX `sources_present` ON `sources` (`id`) WHERE status <> 'deleted';--> statement-breakpoint
CREATE INDEX `sources_deleted` ON `sources` (`id`) WHERE status = 'deleted';--> statement-breakpoint
CREATE INDEX `sources_sealed` ON `sources` (substr(secrets, 1, 8)) WHERE secrets <> '';