--- Ids of entries of a stream.

--- Whether an id is later than another, by their two numbers; an invalid id is earlier than any.
local function isAfter(id, other)
	local function parts(text)
		local ms, sequence = string.match(text, '^(%d+)-(%d+)$')
		return tonumber(ms or '0'), tonumber(sequence or '0')
	end
	local ms, sequence = parts(id)
	local otherMs, otherSequence = parts(other)
	return ms > otherMs or (ms == otherMs and sequence > otherSequence)
end

return {isAfter = isAfter}
