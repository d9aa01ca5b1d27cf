--- submit: accepts tasks, all or none; each is ready, or blocked until its dependencies are merged.
--- Guarantees: as lib/submission. A failed or cancelled dependency blocks until a human acts. A dependency on a plan is one on its feature.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 rows...   of each task: id ('' gives the next t-<n>), title, description, acceptance (a criterion a line), stage, role, priority (0
---               to 100, 100 first), needs (capabilities with commas), after (ids with commas), feature, attempts, assigned (the only agent
---               that may claim it, '' for any), paths (globs with commas), audit (1: required), model, permissions,
---               adopts (`<cli> <session>` that it continues in a copy), startsAt (the commit it starts from; '' for the base)
---
--- Replies: 'ok' id... | 'exists' id | 'unknown' id of the missing dependency | 'cycle' ids of tasks and features, with commas | 'many' id
--- (too many wait for its feature to rule out a cycle)
---
--- uses: handing, once, submission

local op = ARGV[2]
local rows = fieldsFrom(3)

local answered = once.answered(op)
if answered then
	return answered
end

local given = submission.read(rows)
local refusal = submission.refusalOf(given, {})
if refusal then
	return refusal
end
local made, ids = submission.accept(given)
for _, task in ipairs(made) do
	handing.give(task)
end
return once.remember('ok', unpack(ids))
