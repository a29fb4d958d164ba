-- An entry takes the next number of its book as it is written: one statement less on the way to each answer.
CREATE TRIGGER `comments_count` AFTER INSERT ON `comments` BEGIN
  UPDATE books SET comment_count = comment_count + 1 WHERE slug = new.book;
END;
