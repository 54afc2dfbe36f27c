A state that was checked is not checked again by the approval while nothing that its sealed report rests on has changed; tables are read, brought into the DataStore and handed to the lake by column.
