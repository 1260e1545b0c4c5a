# Fills a fresh Redmine, the same way each time, through its own models: rails runner seed.rb
# ISSUES says how many issues (400 if it does not).
srand(11)
count = (ENV['ISSUES'] || 400).to_i
require_relative 'site'
admin = User.current

trackers = Tracker.sorted.to_a
statuses = IssueStatus.sorted.to_a
priorities = IssuePriority.all.to_a
manager, developer = Role.givable.first(2)
activity = TimeEntryActivity.first

people = (1..30).map do |i|
  user = User.new(firstname: "Zoë #{i}", lastname: "O'Hara", mail: "user#{i}@example.test", language: 'en')
  user.login = format('user%02d', i)
  user.password = "secret-#{i}-word"
  user.save!
  user
end
people.last.lock!
group = Group.create!(lastname: 'Développeurs')
group.users << people[20, 4]

modules = %w[issue_tracking time_tracking wiki]
projects = (1..7).map do |i|
  Project.create!(name: "Project #{i}", identifier: "project-#{i}", description: i.odd? ? "What *#{i}* is\r\nabout" : '',
                  trackers: trackers, enabled_module_names: modules, is_public: i < 5)
end
bare = Project.create!(name: 'No modules', identifier: 'bare', trackers: trackers, enabled_module_names: %w[wiki])
archived = Project.create!(name: 'Archived', identifier: 'archived', trackers: trackers, enabled_module_names: modules)
projects[2].set_parent!(projects[1])

# Of each kind: a list, a text, a list of several values, numbers, a day, yes or no, and fields of other records than issues.
field = lambda do |model, name, format, **more|
  model.create!({name: name, field_format: format, is_for_all: true}.merge(more))
end
severity = field.(IssueCustomField, 'Severity', 'list', possible_values: %w[low high], trackers: trackers)
customer = field.(IssueCustomField, 'Customer', 'string', trackers: trackers.first(2))
platforms = field.(IssueCustomField, 'Platforms', 'list', possible_values: ['linux', 'mac os', 'wind"ows'],
                   multiple: true, trackers: trackers)
score = field.(IssueCustomField, 'Score', 'float', trackers: trackers, is_for_all: false, projects: projects.first(3))
planned = field.(IssueCustomField, 'Planned for', 'date', trackers: trackers)
urgent = field.(IssueCustomField, 'Urgent', 'bool', trackers: trackers)
region = field.(ProjectCustomField, 'Region', 'string', is_for_all: false)
badge = field.(UserCustomField, 'Badge', 'int', is_for_all: false)
codename = field.(VersionCustomField, 'Codename', 'string', is_for_all: false)
billable = field.(TimeEntryCustomField, 'Billable', 'bool', is_for_all: false)
field.(GroupCustomField, 'Floor', 'string', is_for_all: false)
projects.first.reload.update!(custom_field_values: {region.id.to_s => 'Süd'})
User.find(people[3].id).update!(custom_field_values: {badge.id.to_s => '0017'})

projects.each_with_index do |project, at|
  people.each_with_index do |user, i|
    Member.create!(project: project, principal: user, roles: [(i + at).even? ? manager : developer]) if (i + at) % 4 == 0
  end
end
Member.create!(project: projects[0], principal: group, roles: [manager, developer])
# More members than a page holds.
crowd = (1..120).map do |i|
  user = User.new(firstname: 'Crowd', lastname: i.to_s, mail: "crowd#{i}@example.test", language: 'en')
  user.login = format('crowd%03d', i)
  user.save!(validate: false)
  user
end
crowd.each { |user| Member.create!(project: projects[6], principal: user, roles: [developer]) }

versions = projects.flat_map do |project|
  [['1.0', 'none'], ['2.0', project == projects[0] ? 'system' : 'none']].map do |name, sharing|
    Version.create!(project: project, name: name, sharing: sharing, description: "#{name} of #{project.name}",
                    effective_date: name == '2.0' ? Date.new(2024, 12, 24) : nil)
  end
end
versions.first.update!(custom_field_values: {codename.id.to_s => 'Ada'})
categories = projects.map { |project| IssueCategory.create!(project: project, name: 'Billing') }

start = Time.utc(2024, 1, 1)
issues = Issue.transaction do
  (1..count).map do |i|
    project = i % 50 == 0 ? archived : projects[rand(projects.size)]
    at = projects.index(project)
    issue = Issue.new(
      project: project, tracker: trackers[rand(trackers.size)], author: people[rand(25)], status: statuses.first,
      priority: priorities[rand(priorities.size)], subject: "Issue #{i}: “ü” & 'so' <on>",
      description: i % 7 == 0 ? nil : "First line #{i}\r\n\tsecond — line \u{1F4A1} \\ \"quoted\"",
      start_date: start.to_date + i % 300, due_date: i % 9 == 0 ? start.to_date + 400 : nil,
      done_ratio: (i % 11) * 10 % 110, estimated_hours: i % 4 == 0 ? nil : (i % 40) + 0.25, is_private: i % 13 == 0
    )
    issue.assigned_to = project.users[rand(project.users.size)] if i % 3 == 0 && at
    issue.category = categories[at] if i % 5 == 0 && at
    issue.fixed_version = versions[at * 2 + 1] if i % 6 == 0 && at
    issue.custom_field_values = {
      severity.id.to_s => %w[low high][rand(2)], customer.id.to_s => i % 5 == 0 ? '' : "C-#{rand(999)} ß",
      platforms.id.to_s => ['linux', 'mac os', 'wind"ows'].first(i % 4), score.id.to_s => i % 6 == 0 ? '' : rand.round(3).to_s,
      planned.id.to_s => i % 4 == 0 ? '' : (start.to_date + i).to_s, urgent.id.to_s => ['1', '0', ''][i % 3]
    }
    issue.save!(validate: false)
    # A third of them in one import, of one moment; the others minutes apart.
    moment = i <= count / 3 ? start : start + (i * 300)
    issue.update_columns(created_on: moment, updated_on: moment)
    issue
  end
end
issues.last(10).each_slice(2) { |parent, child| Issue.find(child.id).update!(parent_issue_id: parent.id) rescue nil }

# Edits at fractions of a second, several within one that the API tells: pages begin and end between them.
edited = start + count * 300 + 86_400
Issue.transaction do
  issues.each_slice(3).with_index do |(first, *), k|
    issue = Issue.find(first.id)
    issue.init_journal(people[k % 25], k.even? ? "Note #{k}\r\n> quoted “ü”" : '')
    issue.private_notes = true if k % 10 == 0
    issue.status = statuses[k % statuses.size]
    issue.custom_field_values = {customer.id.to_s => "changed #{k}"} if k % 4 == 0
    issue.save!(validate: false)
    issue.update_columns(updated_on: edited + k * 0.4)
  end
  issues.each_with_index do |issue, i|
    next unless i % 3 == 1
    entry = TimeEntry.new(project_id: issue.project_id, issue_id: i % 12 == 1 ? nil : issue.id, user: people[i % 25],
                          author: admin, activity: activity, hours: (i % 8) + 0.5, spent_on: start.to_date + i % 300,
                          comments: i % 5 == 0 ? '' : "work #{i} ü")
    entry.custom_field_values = {billable.id.to_s => i.even? ? '1' : '0'}
    entry.save!(validate: false)
  end
  issues.each_with_index { |issue, i| issue.reload.destroy if i % 97 == 50 }
end
# Alone at the end, so that few issues are within the lookback of the next run.
Issue.where(project: projects).find(issues[0].id).update_columns(updated_on: edited + 86_400)

archived.reload.update_columns(status: Project::STATUS_ARCHIVED)
projects[3].reload.update_columns(status: Project::STATUS_CLOSED)
puts "#{Issue.count} issues, #{Journal.count} journals, #{TimeEntry.count} time entries"
