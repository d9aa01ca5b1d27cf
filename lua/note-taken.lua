--- note-taken: notes entries that were pushed into the intake and taken at once, so that no sweep could see them.
--- Guarantees: only an entry that is not in the intake, and that is not noted yet. The next sweep treats it as one that it had seen: a task
--- that waits for the lock of its taker, and that another agent gets if no lock comes.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 entries...   `l` (tasks:pending) or `z` (tasks:priority), and the text
---
--- Replies: how many were noted
---
--- uses: intake, once

local op = ARGV[2]
local entries = fieldsFrom(3)

local answered = once.answered(op)
if answered then
	return answered
end

local noted = 0
for index = 1, #entries, 2 do
	noted = noted + (intake.noteTaken(entries[index], entries[index + 1]) and 1 or 0)
end
return once.remember(digits(noted))
