ALTER TABLE `deliveries` ADD `covered_by` text;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `job_id` text;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `prior_state` text;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `outage_since` integer;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `outage_failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `endpoints` ADD `stable_at` integer;--> statement-breakpoint
ALTER TABLE `jobs` ADD `selection` text;--> statement-breakpoint
UPDATE `endpoints` SET `outage_since` = coalesce(`failing_since`, `disabled_at`, `updated_at`), `outage_failures` = `consecutive_failures`
WHERE (`status` = 'disabled' AND `disabled_reason` IN ('gone', 'failing')) OR (`status` = 'enabled' AND (`breaker` IN ('open', 'probing') OR `warnings` > 0));--> statement-breakpoint
UPDATE `deliveries` SET `status` = 'pending', `reason` = NULL, `next_attempt_at` = NULL, `settled_at` = NULL
FROM (
  SELECT d.`endpoint_id`, max(iif(d.`status` = 'delivered' AND d.`trigger` <> 'test', d.`settled_at`, 0)) AS `reported_at`
  FROM `endpoints` e CROSS JOIN `deliveries` d ON d.`endpoint_id` = e.`id`
  WHERE e.`digest_hour` IS NOT NULL AND (e.`status` = 'disabled' OR (e.`status` = 'enabled' AND e.`breaker` <> 'closed'))
  GROUP BY d.`endpoint_id`
  HAVING max(d.`status` = 'pending' AND d.`attempt_count` > 0)) u
WHERE `deliveries`.`endpoint_id` = u.`endpoint_id` AND `deliveries`.`status` = 'canceled' AND `deliveries`.`reason` = 'coalesced'
  AND `deliveries`.`settled_at` > u.`reported_at`
  AND EXISTS (SELECT 1 FROM `messages` m WHERE m.`id` = `deliveries`.`message_id` AND m.`erased_at` IS NULL);--> statement-breakpoint
UPDATE `deliveries` SET `status` = 'canceled', `reason` = 'erased', `next_attempt_at` = NULL, `settled_at` = m.`erased_at`
FROM `messages` m
WHERE m.`id` = `deliveries`.`message_id` AND m.`erased_at` IS NOT NULL AND m.`type` <> 'comment.removed' AND `deliveries`.`status` = 'pending';
