--- probe: asks the server whether every command that the room uses is there and allowed on the keys of the namespace.
--- Guarantees: changes nothing. What is missing is found before the first script runs: one that lacks a command would stop half-way.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 commands... a name, or name and subcommand with a space
---
--- Replies: {command that the server lacks, ...} {command that the user may not run, ...}

--- include: lib/base
local commands = fieldsFrom(2)

--- How many arguments a command takes is not known here: so many are tried, the key alone first.
local COUNTS = {1, 2, 3, 4, 5, 6, 0}

local function ask(command)
	local words = {}
	for word in string.gmatch(command, '%S+') do
		words[#words + 1] = word
	end
	local length = #words
	for _, count in ipairs(COUNTS) do
		for index = 1, math.max(unpack(COUNTS)) do
			words[length + index] = index <= count and KEYS[1] or nil
		end
		local isKnown, answer = pcall(redis.acl_check_cmd, unpack(words))
		if isKnown then
			return answer and 'ok' or 'forbidden'
		end
		local text = type(answer) == 'table' and answer.err or tostring(answer)
		if string.find(text, 'Invalid command', 1, true) then
			return 'missing'
		end
	end
	return 'ok'
end

local found = {missing = {}, forbidden = {}}
for _, command in ipairs(commands) do
	local list = found[ask(command)]
	if list then
		list[#list + 1] = command
	end
end
return {found.missing, found.forbidden}
