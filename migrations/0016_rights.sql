ALTER TABLE `endpoints` ADD `moderation_links` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
UPDATE `endpoints` SET `moderation_links` = 0
WHERE `manage_token_hash` IS NOT NULL
  OR `url` LIKE 'guesthook:%'
  OR `id` IN (
    SELECT a.`subject` FROM `audit_log` a
    LEFT JOIN `api_keys` k ON a.`actor` = 'key:' || k.`id`
    WHERE a.`act` IN ('endpoint.created', 'endpoint.updated')
      AND a.`actor` LIKE 'key:%'
      AND (k.`id` IS NULL OR instr(k.`scopes`, 'moderate') = 0));--> statement-breakpoint
UPDATE `api_keys` SET `scopes` = `scopes` || ' secrets' WHERE instr(`scopes`, 'read') > 0;
