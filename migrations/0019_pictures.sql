CREATE TABLE `pictures` (
	`book` text NOT NULL,
	`id` text NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`book`, `id`)
) WITHOUT ROWID;
