-- What the tables must hold, read from Redmine's own database: a query for each table, with its columns.
-- What stands before the first table is run first.

CREATE TEMP VIEW seen AS SELECT * FROM projects WHERE status <> 9;

-- The fields that each record has, with their place in its list.
CREATE TEMP VIEW owned AS
  SELECT f.*, 'Issue' AS kind, i.id AS record FROM custom_fields f
    JOIN custom_fields_trackers t ON t.custom_field_id = f.id JOIN issues i ON i.tracker_id = t.tracker_id
    WHERE f.is_for_all OR EXISTS (SELECT 1 FROM custom_fields_projects p WHERE p.custom_field_id = f.id AND p.project_id = i.project_id)
  UNION ALL SELECT f.*, 'Project', p.id FROM custom_fields f JOIN projects p WHERE f.type = 'ProjectCustomField'
  UNION ALL SELECT f.*, 'Version', v.id FROM custom_fields f JOIN versions v WHERE f.type = 'VersionCustomField'
  UNION ALL SELECT f.*, 'TimeEntry', e.id FROM custom_fields f JOIN time_entries e WHERE f.type = 'TimeEntryCustomField'
  UNION ALL SELECT f.*, 'Principal', u.id FROM custom_fields f JOIN users u ON f.type =
    CASE u.type WHEN 'User' THEN 'UserCustomField' WHEN 'Group' THEN 'GroupCustomField' END;
CREATE TEMP VIEW given AS
  SELECT kind, record AS _sdc_source_key_id, row_number() OVER (PARTITION BY kind, record ORDER BY position) - 1 AS _sdc_level_0_id, id, name,
    CASE WHEN multiple THEN (SELECT json_group_array(value) FROM (SELECT value FROM custom_values
        WHERE customized_type = kind AND customized_id = record AND custom_field_id = owned.id AND value <> '' ORDER BY custom_values.id))
      ELSE (SELECT CASE WHEN value IS NULL THEN NULL ELSE json_quote(value) END FROM custom_values
        WHERE customized_type = kind AND customized_id = record AND custom_field_id = owned.id ORDER BY custom_values.id LIMIT 1) END AS value,
    nullif(multiple, 0) AS multiple
  FROM owned;
-- Fields that take one value, as the text that Redmine keeps.
CREATE TEMP VIEW single AS
  SELECT kind, record, name, (SELECT value FROM custom_values WHERE customized_type = kind AND customized_id = record
      AND custom_field_id = owned.id ORDER BY custom_values.id LIMIT 1) AS value
  FROM owned WHERE NOT multiple;

-- table: projects
SELECT id, name, identifier, description, parent_id, status, is_public, inherit_members, created_on AS created_on, updated_on AS updated_on,
    (SELECT value FROM single WHERE kind = 'Project' AND record = seen.id AND name = 'Region') AS custom_region FROM seen
-- table: projects__custom_fields
SELECT _sdc_source_key_id, _sdc_level_0_id, g.id, g.name, g.value, g.multiple FROM given g JOIN seen ON seen.id = _sdc_source_key_id WHERE kind = 'Project'
-- table: projects__trackers
-- Redmine tells them while the project has a use for them.
SELECT p.id AS _sdc_source_key_id, row_number() OVER (PARTITION BY p.id ORDER BY t.position) - 1 AS _sdc_level_0_id, t.id, t.name
  FROM projects_trackers pt JOIN trackers t ON t.id = pt.tracker_id JOIN seen p ON p.id = pt.project_id
    JOIN enabled_modules m ON m.project_id = p.id AND m.name = 'issue_tracking'
-- table: projects__issue_categories
SELECT p.id AS _sdc_source_key_id, row_number() OVER (PARTITION BY p.id ORDER BY c.name) - 1 AS _sdc_level_0_id, c.id, c.name FROM issue_categories c JOIN seen p ON p.id = project_id
-- table: projects__enabled_modules
SELECT p.id AS _sdc_source_key_id, row_number() OVER (PARTITION BY p.id ORDER BY m.id) - 1 AS _sdc_level_0_id, m.id, m.name FROM enabled_modules m JOIN seen p ON p.id = project_id
-- table: memberships
SELECT m.id, m.project_id, CASE WHEN u.type = 'User' THEN u.id END AS user_id, CASE WHEN u.type = 'Group' THEN u.id END AS group_id
  FROM members m JOIN users u ON u.id = m.user_id JOIN seen ON seen.id = m.project_id
-- table: memberships__roles
SELECT m.id AS _sdc_source_key_id, row_number() OVER (PARTITION BY m.id ORDER BY mr.id) - 1 AS _sdc_level_0_id, r.id, r.name, mr.inherited_from IS NOT NULL OR NULL AS inherited
  FROM member_roles mr JOIN members m ON m.id = mr.member_id JOIN roles r ON r.id = mr.role_id JOIN seen ON seen.id = m.project_id
-- table: versions
SELECT v.id, project_id, v.name, v.description, v.status, effective_date AS due_date, sharing, wiki_page_title, v.created_on AS created_on, v.updated_on AS updated_on,
    (SELECT value FROM single WHERE kind = 'Version' AND record = v.id AND name = 'Codename') AS custom_codename
  FROM versions v JOIN seen ON seen.id = project_id
-- table: versions__custom_fields
SELECT _sdc_source_key_id, _sdc_level_0_id, g.id, g.name, g.value, g.multiple FROM given g WHERE kind = 'Version'
-- table: issues
SELECT i.id, project_id, tracker_id, status_id, priority_id, author_id, assigned_to_id, category_id, fixed_version_id, i.parent_id, subject, i.description, start_date, due_date,
    done_ratio, is_private, estimated_hours, i.created_on AS created_on, i.updated_on AS updated_on, closed_on AS closed_on,
    (SELECT nullif(value, '') FROM single WHERE kind = 'Issue' AND record = i.id AND name = 'Severity') AS custom_severity,
    (SELECT value FROM single WHERE kind = 'Issue' AND record = i.id AND name = 'Customer') AS custom_customer,
    (SELECT CAST(nullif(value, '') AS REAL) FROM single WHERE kind = 'Issue' AND record = i.id AND name = 'Score') AS custom_score,
    (SELECT nullif(value, '') FROM single WHERE kind = 'Issue' AND record = i.id AND name = 'Planned for') AS custom_planned_for,
    (SELECT CAST(nullif(value, '') AS INTEGER) FROM single WHERE kind = 'Issue' AND record = i.id AND name = 'Urgent') AS custom_urgent
  FROM issues i JOIN seen ON seen.id = project_id
-- table: issues__custom_fields
SELECT _sdc_source_key_id, _sdc_level_0_id, g.id, g.name, g.value, g.multiple FROM given g JOIN issues i ON i.id = _sdc_source_key_id JOIN seen ON seen.id = i.project_id WHERE kind = 'Issue'
-- table: issues__custom_platforms
SELECT i.id AS _sdc_source_key_id, row_number() OVER (PARTITION BY i.id ORDER BY c.id) - 1 AS _sdc_level_0_id, c.value
  FROM owned JOIN issues i ON i.id = record JOIN seen ON seen.id = i.project_id
    JOIN custom_values c ON customized_type = 'Issue' AND customized_id = i.id AND custom_field_id = owned.id AND c.value <> ''
  WHERE kind = 'Issue' AND owned.name = 'Platforms'
-- table: journals
-- Redmine tells none that has neither a note nor a detail.
SELECT j.id, i.id AS issue_id, user_id, notes, private_notes, j.created_on AS created_on
  FROM journals j JOIN issues i ON i.id = journalized_id JOIN seen ON seen.id = project_id WHERE journalized_type = 'Issue'
    AND (notes <> '' OR EXISTS (SELECT 1 FROM journal_details d WHERE d.journal_id = j.id))
-- table: journals__details
SELECT journal_id AS _sdc_source_key_id, row_number() OVER (PARTITION BY journal_id ORDER BY d.id) - 1 AS _sdc_level_0_id, property, prop_key AS name, old_value, value AS new_value
  FROM journal_details d JOIN journals j ON j.id = journal_id JOIN issues i ON i.id = journalized_id JOIN seen ON seen.id = project_id
-- table: time_entries
SELECT e.id, e.project_id, issue_id, user_id, activity_id, a.name AS activity, hours, comments, spent_on, e.created_on AS created_on, e.updated_on AS updated_on,
    (SELECT CAST(nullif(value, '') AS INTEGER) FROM single WHERE kind = 'TimeEntry' AND record = e.id AND name = 'Billable') AS custom_billable
  FROM time_entries e JOIN enumerations a ON a.id = activity_id JOIN seen ON seen.id = e.project_id
-- table: time_entries__custom_fields
SELECT _sdc_source_key_id, _sdc_level_0_id, g.id, g.name, g.value, g.multiple FROM given g JOIN time_entries e ON e.id = _sdc_source_key_id JOIN seen ON seen.id = e.project_id WHERE kind = 'TimeEntry'
-- table: users
SELECT u.id, login, admin, firstname, lastname, address AS mail, twofa_scheme, NULL AS avatar_url, last_login_on AS last_login_on, passwd_changed_on AS passwd_changed_on,
    u.created_on AS created_on, u.updated_on AS updated_on,
    (SELECT CAST(nullif(value, '') AS INTEGER) FROM single WHERE kind = 'Principal' AND record = u.id AND name = 'Badge') AS custom_badge
  FROM users u LEFT JOIN email_addresses e ON e.user_id = u.id AND is_default WHERE type = 'User'
-- table: users__custom_fields
SELECT _sdc_source_key_id, _sdc_level_0_id, g.id, g.name, g.value, g.multiple FROM given g JOIN users u ON u.id = _sdc_source_key_id WHERE kind = 'Principal' AND u.type = 'User'
-- table: groups
SELECT id, lastname AS name, CASE type WHEN 'GroupNonMember' THEN 'non_member' WHEN 'GroupAnonymous' THEN 'anonymous' END AS builtin,
    (SELECT value FROM single WHERE kind = 'Principal' AND record = users.id AND name = 'Floor') AS custom_floor
  FROM users WHERE type LIKE 'Group%'
-- table: groups__custom_fields
SELECT _sdc_source_key_id, _sdc_level_0_id, g.id, g.name, g.value, g.multiple FROM given g JOIN users u ON u.id = _sdc_source_key_id WHERE kind = 'Principal' AND u.type <> 'User'
-- table: group_members
SELECT group_id, user_id FROM groups_users
-- table: roles
SELECT id, name FROM roles WHERE builtin = 0
-- table: trackers
SELECT id, name, description, default_status_id FROM trackers
-- table: trackers__enabled_standard_fields
WITH named(bit, value) AS (VALUES (0, 'assigned_to_id'), (1, 'category_id'), (2, 'fixed_version_id'), (3, 'parent_issue_id'), (4, 'start_date'),
    (5, 'due_date'), (6, 'estimated_hours'), (7, 'done_ratio'), (8, 'description'))
SELECT id AS _sdc_source_key_id, row_number() OVER (PARTITION BY id ORDER BY bit) - 1 AS _sdc_level_0_id, value FROM trackers JOIN named ON fields_bits & (1 << bit) = 0
-- table: issue_statuses
SELECT id, name, is_closed FROM issue_statuses
-- table: issue_priorities
SELECT id, name, is_default, active FROM enumerations WHERE type = 'IssuePriority' AND project_id IS NULL
-- table: time_entry_activities
SELECT id, name, is_default, active FROM enumerations WHERE type = 'TimeEntryActivity' AND project_id IS NULL
-- table: custom_fields
SELECT id, name, CASE type WHEN 'TimeEntryCustomField' THEN 'time_entry' ELSE lower(replace(type, 'CustomField', '')) END AS customized_type, field_format, regexp, min_length, max_length,
    is_required, is_filter, searchable, multiple, default_value, visible FROM custom_fields
-- table: custom_fields__possible_values
WITH RECURSIVE listed(id, line, rest, at) AS (
  SELECT id, NULL, possible_values, -2 FROM custom_fields WHERE possible_values LIKE '---%'
  UNION ALL SELECT id, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1), at + 1 FROM listed WHERE rest <> '')
SELECT id AS _sdc_source_key_id, at AS _sdc_level_0_id, substr(line, 3) AS value, substr(line, 3) AS label FROM listed WHERE at >= 0
UNION ALL SELECT id, 0, '1', 'Yes' FROM custom_fields WHERE field_format = 'bool'
UNION ALL SELECT id, 1, '0', 'No' FROM custom_fields WHERE field_format = 'bool'
-- table: custom_fields__trackers
SELECT custom_field_id AS _sdc_source_key_id, row_number() OVER (PARTITION BY custom_field_id ORDER BY t.position) - 1 AS _sdc_level_0_id, t.id, t.name
  FROM custom_fields_trackers JOIN trackers t ON t.id = tracker_id
-- table: custom_fields__roles
SELECT custom_field_id AS _sdc_source_key_id, row_number() OVER (PARTITION BY custom_field_id ORDER BY r.position) - 1 AS _sdc_level_0_id, r.id, r.name
  FROM custom_fields_roles JOIN roles r ON r.id = role_id
