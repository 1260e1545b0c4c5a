# A day's work in the Redmine of seed.rb, through its own models: rails runner edit.rb
ActiveRecord::Base.logger = nil
ActionMailer::Base.perform_deliveries = false
admin = User.find_by(login: 'admin')
User.current = admin
project = Project.find('project-1')
open = project.issues.order(:id).select { |issue| !issue.closed? && issue.leaf? && issue.parent_id.nil? }
# One with a history and without time entries, which would go with it.
deleted = open.drop(1).find { |issue| issue.journals.any? && issue.time_entries.none? }
noted, changed, closed = (open - [deleted]).values_at(1, 3, 5)

noted.init_journal(admin, 'One more note')
noted.save!
changed.init_journal(admin, '')
changed.subject = 'Another subject'
changed.custom_field_values = {CustomField.find_by(name: 'Platforms').id.to_s => ['mac os']}
changed.save!(validate: false)
closed.init_journal(admin, 'Done')
closed.status = IssueStatus.where(is_closed: true).first
closed.save!(validate: false)
deleted.reload.destroy!
Issue.new(project: project, author: admin, tracker: project.trackers.first, status: IssueStatus.first, priority: IssuePriority.first,
          subject: 'A new issue').save!(validate: false)

first, second = TimeEntry.where(project: project).order(:id).first(2)
first.destroy!
second.update_columns(hours: 7.75)
user = User.new(firstname: 'New', lastname: 'Here', mail: 'new@example.test', language: 'en')
user.login = 'new'
user.save!(validate: false)
Member.create!(project: project, principal: user, roles: [Role.givable.first])
project.members.order(:id).first.destroy!
Group.givable.first.users.delete(Group.givable.first.users.first)
Version.where(project: project).first.update!(status: 'closed')
puts deleted.id
