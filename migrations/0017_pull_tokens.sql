-- Whoever has a pull token gets what the endpoint gets. Tokens of keys without `moderate` were made before endpoints had
-- this column.
UPDATE `endpoints` SET `moderation_links` = 0
WHERE `pull_token_hash` IS NOT NULL
  AND `id` IN (
    SELECT a.`subject` FROM `audit_log` a
    LEFT JOIN `api_keys` k ON a.`actor` = 'key:' || k.`id`
    WHERE a.`act` = 'endpoint.pull_token_created'
      AND a.`actor` LIKE 'key:%'
      AND (k.`id` IS NULL OR instr(k.`scopes`, 'moderate') = 0));
