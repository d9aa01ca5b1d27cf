--- read: named tasks in full, with their long texts (description, feedback) on request.
--- Guarantees: reads only, all at one moment. Unknown names are skipped.
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
--- flags: no-writes

local isWhole = ARGV[2]
local ids = fieldsFrom(3)

--- All of a task, long texts included, as flat names and values; an external field of such a name in the status hash has the last word.
local function whole(id)
	local fields = redis.call('HGETALL', key('tasks:text:' .. id))
	for _, value in ipairs(redis.call('HGETALL', taskKey(id))) do
		fields[#fields + 1] = value
	end
	return fields
end

local found = {}
for index = 1, math.min(#ids, 500) do
	local id = ids[index]
	if softly('HEXISTS', taskKey(id), 'state') == 1 then
		found[#found + 1] = id
		found[#found + 1] = isWhole == '1' and whole(id) or redis.call('HGETALL', taskKey(id))
	end
end
return cjson.encode(found)
