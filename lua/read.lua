--- read: named tasks in full, with their long texts (brief, feedback) where those are asked for.
--- Guarantees: reads only; all at one moment. Names that no task has are left out.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 isWhole   1 with long texts
---   3 ids...    at most 500
---
--- Replies: as one JSON text, an empty list as {}: {task, {fields}, ...}
---
--- uses: tasks

local isWhole = ARGV[2]
local ids = fieldsFrom(3)

local found = {}
for index = 1, math.min(#ids, 500) do
	local id = ids[index]
	if softly('HEXISTS', taskKey(id), 'state') == 1 then
		found[#found + 1] = id
		found[#found + 1] = isWhole == '1' and tasks.whole(id) or redis.call('HGETALL', taskKey(id))
	end
end
return cjson.encode(found)
