-- What the tables must hold, read from WordPress's own database: a query for each table, whose rows are JSON objects with
-- a member for each column. {home} is the site's address. Columns that only WordPress's code can tell, addresses of
-- comments and files, are named and not compared; so are the tables post_types and statuses.

-- table: posts
select json_object('id', ID, 'date_gmt', date_format(post_date_gmt, '%Y-%m-%dT%H:%i:%sZ'),
    'modified_gmt', date_format(post_modified_gmt, '%Y-%m-%dT%H:%i:%sZ'), 'modified', date_format(post_modified, '%Y-%m-%dT%H:%i:%sZ'),
    'slug', post_name, 'status', post_status, 'type', post_type, 'link', if(post_status in ('publish', 'private'), concat('{home}/', post_name, '/'), concat('{home}/?p=', ID)),
    'title', post_title, 'content', post_content, 'excerpt', post_excerpt, 'author', post_author,
    'featured_media', ifnull((select cast(meta_value as integer) from wp_postmeta where post_id = ID and meta_key = '_thumbnail_id'), 0),
    'comment_status', comment_status, 'ping_status', ping_status,
    'sticky', exists(select 1 from wp_options where option_name = 'sticky_posts'
      and option_value regexp concat('^a:[0-9]+:[{](i:[0-9]+;i:[0-9]+;)*i:[0-9]+;i:', ID, ';')) + 0,
    'template', '', 'format', 'standard', 'meta', '[]')
  from wp_posts where post_type = 'post' and post_status <> 'auto-draft'
-- table: posts__categories
select json_object('_sdc_source_key_id', object_id, 'value', term_id) from wp_term_relationships join wp_term_taxonomy using (term_taxonomy_id)
  join wp_posts on ID = object_id where taxonomy = 'category' and post_type = 'post'
-- table: posts__tags
select json_object('_sdc_source_key_id', object_id, 'value', term_id) from wp_term_relationships join wp_term_taxonomy using (term_taxonomy_id)
  join wp_posts on ID = object_id where taxonomy = 'post_tag' and post_type = 'post'
-- table: revisions
select json_object('id', r.ID, 'post_id', r.post_parent, 'author', r.post_author, 'date_gmt', date_format(r.post_date_gmt, '%Y-%m-%dT%H:%i:%sZ'),
    'modified_gmt', date_format(r.post_modified_gmt, '%Y-%m-%dT%H:%i:%sZ'), 'slug', r.post_name,
    'title', r.post_title, 'content', r.post_content, 'excerpt', r.post_excerpt)
  from wp_posts r join wp_posts p on p.ID = r.post_parent where r.post_type = 'revision' and p.post_type = 'post'
-- table: pages
-- Of a draft that never had a date only the site's own time is kept; the pages of the seed are of one hour.
select json_object('id', p.ID,
    'date_gmt', date_format(if(p.post_date_gmt = 0, p.post_date + interval ahead hour, p.post_date_gmt), '%Y-%m-%dT%H:%i:%sZ'),
    'modified_gmt', date_format(if(p.post_modified_gmt = 0, p.post_modified + interval ahead hour, p.post_modified_gmt), '%Y-%m-%dT%H:%i:%sZ'), 'modified', date_format(p.post_modified, '%Y-%m-%dT%H:%i:%sZ'),
    'slug', p.post_name, 'status', p.post_status, 'type', p.post_type,
    'link', if(p.post_status = 'publish', concat('{home}/', ifnull(concat(above.post_name, '/'), ''), p.post_name, '/'), concat('{home}/?page_id=', p.ID)),
    'title', p.post_title, 'content', p.post_content, 'excerpt', p.post_excerpt, 'author', p.post_author, 'parent', p.post_parent,
    'menu_order', p.menu_order, 'featured_media', 0, 'comment_status', p.comment_status, 'ping_status', p.ping_status,
    'template', ifnull((select nullif(meta_value, 'default') from wp_postmeta where post_id = p.ID and meta_key = '_wp_page_template'), ''), 'meta', '[]')
  from wp_posts p left join wp_posts above on above.ID = p.post_parent
    join (select max(timestampdiff(hour, post_date, post_date_gmt)) ahead from wp_posts where post_type = 'page' and post_status = 'publish') clock where p.post_type = 'page' and p.post_status <> 'auto-draft'
-- table: media
-- not compared: link
select json_object('id', ID, 'date_gmt', date_format(post_date_gmt, '%Y-%m-%dT%H:%i:%sZ'),
    'modified_gmt', date_format(post_modified_gmt, '%Y-%m-%dT%H:%i:%sZ'), 'modified', date_format(post_modified, '%Y-%m-%dT%H:%i:%sZ'),
    'slug', post_name, 'status', post_status,
    'source_url', concat('{home}/wp-content/uploads/', (select meta_value from wp_postmeta where post_id = ID and meta_key = '_wp_attached_file')),
    'title', post_title, 'caption', post_excerpt, 'description', post_content,
    'alt_text', ifnull((select meta_value from wp_postmeta where post_id = ID and meta_key = '_wp_attachment_image_alt'), ''),
    'author', post_author, 'media_type', if(post_mime_type like 'image/%', 'image', 'file'), 'mime_type', post_mime_type, 'post', nullif(post_parent, 0))
  from wp_posts where post_type = 'attachment'
-- table: comments
-- not compared: link
select json_object('id', comment_ID, 'post', comment_post_ID, 'parent', comment_parent, 'author', user_id, 'author_name', comment_author,
    'author_email', comment_author_email, 'author_url', comment_author_url, 'author_ip', comment_author_IP,
    'date_gmt', date_format(comment_date_gmt, '%Y-%m-%dT%H:%i:%sZ'), 'content', comment_content,
    'status', case comment_approved when '1' then 'approved' when '0' then 'hold' else comment_approved end, 'type', comment_type)
  from wp_comments
-- table: users
select json_object('id', ID, 'username', user_login, 'name', display_name, 'first_name', f.meta_value, 'last_name', l.meta_value, 'nickname', n.meta_value,
    'email', user_email, 'url', user_url, 'description', d.meta_value, 'link', concat('{home}/author/', user_nicename, '/'), 'locale', 'en_US',
    'slug', user_nicename, 'registered_date', date_format(user_registered, '%Y-%m-%dT%H:%i:%sZ'))
  from wp_users join wp_usermeta f on f.user_id = ID and f.meta_key = 'first_name' join wp_usermeta l on l.user_id = ID and l.meta_key = 'last_name'
    join wp_usermeta n on n.user_id = ID and n.meta_key = 'nickname' join wp_usermeta d on d.user_id = ID and d.meta_key = 'description'
-- table: users__roles
select json_object('_sdc_source_key_id', user_id, 'value', substring_index(substring_index(meta_value, '"', 2), '"', -1))
  from wp_usermeta where meta_key = 'wp_capabilities'
-- table: categories
select json_object('id', t.term_id, 'name', t.name, 'slug', t.slug, 'description', x.description,
    'link', concat('{home}/category/', ifnull(concat(above.slug, '/'), ''), t.slug, '/'), 'parent', x.parent, 'count', x.count)
  from wp_terms t join wp_term_taxonomy x using (term_id) left join wp_terms above on above.term_id = x.parent where x.taxonomy = 'category'
-- table: tags
select json_object('id', t.term_id, 'name', t.name, 'slug', t.slug, 'description', x.description, 'link', concat('{home}/tag/', t.slug, '/'), 'count', x.count)
  from wp_terms t join wp_term_taxonomy x using (term_id) where x.taxonomy = 'post_tag'
