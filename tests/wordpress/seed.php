<?php // A site with what makes syncs fail: drafts and trash, an hour that clocks tell twice, pages that meet between
// changes of one second, spam, umlauts. Deterministic. Prints an application password of the administrator.
$title = 'Test';
require __DIR__ . '/install.php';
mt_srand(7);

$count = (int) (getenv('POSTS') ?: 450);
$users = [1];
for ($i = 1; $i <= 110; $i++) {
    $users[] = wp_insert_user(['user_login' => "author$i", 'user_pass' => "p$i", 'user_email' => "author$i@example.test", 'display_name' => "Zoë $i",
        'first_name' => $i % 3 ? "Zoë" : '', 'description' => $i % 7 ? '' : "Writes & <em>edits</em>", 'role' => ['author', 'editor', 'subscriber'][$i % 3]]);
}
$categories = [];
for ($i = 1; $i <= 25; $i++) {
    $categories[] = wp_insert_term("Category $i & more", 'category', ['parent' => $i > 5 ? $categories[$i % 5] : 0, 'description' => $i % 2 ? '' : "About $i"])['term_id'];
}
// The last hour of summer time comes twice: at 06:00 UTC clocks go back from 2:00 to 1:00.
$began = strtotime('2025-11-02 05:00:00 UTC');
$statuses = ['publish', 'publish', 'publish', 'draft', 'pending', 'private', 'publish'];
$posts = [];
for ($i = 1; $i <= $count; $i++) {
    // Thirty at a time change within one second, more than once across the border of a page.
    $at = gmdate('Y-m-d H:i:s', $began + intdiv($i, 30) * 1200 + ($i % 90 < 30 ? 0 : $i % 7));
    $posts[] = wp_insert_post(['post_title' => "Post $i über & more", 'post_content' => "<!-- wp:paragraph --><p>Body $i — “text” 𝒳</p>",
        'post_excerpt' => $i % 5 ? '' : "Summary $i", 'post_status' => $statuses[$i % 7], 'post_author' => $users[mt_rand(0, 109)], 'post_date_gmt' => $at,
        'post_date' => get_date_from_gmt($at), 'at' => $at, 'post_category' => [$categories[mt_rand(0, 24)], $categories[mt_rand(0, 24)]],
        'tags_input' => $i % 3 ? ['tag' . mt_rand(1, 130), 'tag' . mt_rand(1, 130)] : [], 'comment_status' => $i % 9 ? 'open' : 'closed'], true);
    if ($i % 50 == 0) wp_trash_post(end($posts));
    if ($i % 40 == 0) stick_post(end($posts));
}
wp_insert_post(['post_title' => 'In a year', 'post_status' => 'future', 'post_author' => 1, 'post_date' => '2027-06-01 12:00:00']);
for ($i = 1; $i <= 7; $i++) {
    wp_insert_post(['post_type' => 'page', 'post_title' => "Page $i", 'post_content' => "Text $i", 'post_status' => $i % 3 ? 'publish' : 'draft',
        'post_parent' => $i > 4 ? 2 : 0, 'menu_order' => $i, 'post_author' => 1]);
}
for ($i = 1; $i <= 105; $i++) {
    $file = wp_insert_attachment(['post_title' => "File $i", 'post_excerpt' => "Caption $i", 'post_content' => "Shows $i", 'post_mime_type' => $i % 2 ? 'image/png' : 'application/pdf',
        'post_author' => 1], "2025/11/file-$i." . ($i % 2 ? 'png' : 'pdf'), $i % 4 ? 0 : $posts[$i]);
    if ($i % 2) update_post_meta($file, '_wp_attachment_image_alt', "File $i in words");
}
$approved = ['1', '1', '1', '0', 'spam', 'trash', '1'];
foreach ($posts as $i => $post) {
    if ($i % 2) continue;
    $parent = wp_insert_comment(['comment_post_ID' => $post, 'comment_author' => "Reader $i", 'comment_author_email' => "r$i@example.test", 'comment_author_IP' => '192.0.2.1',
        'comment_content' => "Comment $i & <b>so</b>", 'comment_approved' => $approved[$i % 7], 'comment_date_gmt' => gmdate('Y-m-d H:i:s', $began + $i * 60),
        'comment_date' => get_date_from_gmt(gmdate('Y-m-d H:i:s', $began + $i * 60))]);
    if ($i % 20 == 0) wp_insert_comment(['comment_post_ID' => $post, 'comment_author' => 'Another site', 'comment_type' => 'pingback', 'comment_content' => 'Links here',
        'comment_approved' => 1, 'comment_parent' => $parent, 'user_id' => $i % 40 ? 0 : 1]);
}
wp_defer_term_counting(false);
wp_defer_comment_counting(false);
[$password] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'sync']);
echo $password;
