-- The four fields of a webring become links, in the order in which the page showed them. A webring without a name was
-- not shown. The links to the sites beside it keep the words that they had in the language of the book.
UPDATE `books` SET `version` = `version` + 1, `settings` = json_remove(
  iif(json_extract(`settings`, '$.webring_name') IS NULL, `settings`, json_set(`settings`, '$.links', (
    SELECT json_group_array(json_object('label', `label`, 'url', `url`))
    FROM (
      SELECT 1 AS `place`, json_extract(`settings`, '$.webring_prev_url') AS `url`,
        CASE json_extract(`settings`, '$.language')
          WHEN 'de' THEN '‹ Vorige Seite' WHEN 'fr' THEN '‹ Site précédent' WHEN 'es' THEN '‹ Sitio anterior'
          WHEN 'pt' THEN '‹ Site anterior' WHEN 'ja' THEN '‹ 前のサイト' WHEN 'ar' THEN '‹ الموقع السابق'
          ELSE '‹ Previous site' END AS `label`
      UNION ALL
      SELECT 2, json_extract(`settings`, '$.webring_url'), json_extract(`settings`, '$.webring_name')
      UNION ALL
      SELECT 3, json_extract(`settings`, '$.webring_next_url'),
        CASE json_extract(`settings`, '$.language')
          WHEN 'de' THEN 'Nächste Seite ›' WHEN 'fr' THEN 'Site suivant ›' WHEN 'es' THEN 'Sitio siguiente ›'
          WHEN 'pt' THEN 'Próximo site ›' WHEN 'ja' THEN '次のサイト ›' WHEN 'ar' THEN 'الموقع التالي ›'
          ELSE 'Next site ›' END
      ORDER BY `place`)
    WHERE `url` IS NOT NULL))),
  '$.webring_name', '$.webring_url', '$.webring_prev_url', '$.webring_next_url')
WHERE `settings` LIKE '%"webring\_%' ESCAPE '\';
