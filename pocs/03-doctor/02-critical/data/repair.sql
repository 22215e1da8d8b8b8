UPDATE cars SET colour = 'green' WHERE plate = 'CD-34';
